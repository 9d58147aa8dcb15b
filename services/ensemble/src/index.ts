/** Combines what models said about a round into the answers of ensembles, before anybody knows what happened. */
import type { CrunchConfig } from '@crunch-node/domain';
import type { Service, ServiceContext } from '@crunch-node/service';
import { type PromptStage, runPrompt, startStage } from '@crunch-node/stages';
import { ensembleStage } from './stage.ts';

export { type EnsembleMeans, ensembleStage, type WeightsOf } from './stage.ts';

/** Runs one writer of SIGNALS until stopped. Only competitions with ensembles need it. */
export function startEnsemble(context: ServiceContext<CrunchConfig>): Service {
  const { config, pace } = context;
  return startStage('ensemble', context, ['all'], (means) =>
    // A stage holds what partitions are apart: each tenure begins with a new one.
    runPrompt([ensembleStage({ config, pace, nowUs }) as PromptStage], means),
  );
}

/** Unix microseconds: steps of the system clock since the start of the process are not followed. */
const nowUs = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);
