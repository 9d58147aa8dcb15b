/** Combines what models said about a round into the answers of ensembles, before anybody knows what happened. */
import type { CrunchConfig } from '@crunch-node/domain';
import { type PromptStage, runPrompt, type Service, type ServiceContext, startStage } from '@crunch-node/runtime';
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
