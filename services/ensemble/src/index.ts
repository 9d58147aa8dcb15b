/** Combines the predictions of a round into the signals of ensembles, before the ground truth is known. */

import { type CrunchConfig, configuredEnsembles, enabledEnsembles } from '@crunch-node/domain';
import { eventsIn, type Service, type ServiceContext } from '@crunch-node/service';
import { runPrompt, startStage } from '@crunch-node/stages';
import { control, feeds } from '@crunch-node/streams';
import { ensembleStage } from './stage.ts';

export { type EnsembleContext, ensembleStage, type RecordedSignal, type WeightsOf } from './stage.ts';

/** Runs one writer of SIGNALS until stopped. Only competitions with ensembles need it. */
export function startEnsemble(context: ServiceContext<CrunchConfig>): Service {
  const { config, configHash, log, pace } = context;
  const own = { config_hash: configHash, ensembles: enabledEnsembles(config) };
  return startStage('ensemble', context, ['all'], async (context) => {
    const configured = await configuredEnsembles(() => eventsIn(log, control), own);
    const closedTo = (await log.last(feeds, feeds.closingSubject()))?.event.at ?? null;
    // A stage keeps state per partition: each ownership begins with a new one.
    await runPrompt([ensembleStage({ config, pace, nowUs, configured, closedTo })], context);
  });
}

/** Unix microseconds: steps of the system clock since the start of the process are not followed. */
const nowUs = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);
