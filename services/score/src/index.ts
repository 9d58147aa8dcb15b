/** Turns predictions into scores: one lease and one writer per partition. */
import { type CrunchConfig, type ScoreInput, type ScoreState, scoreReact, scoreStart } from '@crunch-node/domain';
import { type CyclicStage, runCyclic, type Service, type ServiceContext, startStage } from '@crunch-node/runtime';
import { feeds, predictions, scores } from '@crunch-node/streams';

/** The score stage of one partition: FEEDS says what happened, PREDICTIONS what was expected. */
export function scoreStage(config: CrunchConfig, partition: number): CyclicStage<ScoreState> {
  const react = scoreReact(config, partition);
  const address = `scores.${partition}`;
  return {
    stream: scores,
    closingSubject: address,
    owns: (natsSubject) => natsSubject === address || natsSubject.startsWith(`${address}.`),
    inputs: [feeds, predictions],
    sources: ['feeds.cycle', `predictions.${partition}`],
    initial: () => scoreStart,
    react: (state, cycle, events) => react(state, cycle, events as readonly ScoreInput[]),
  };
}

export function startScore(context: ServiceContext<CrunchConfig>): Service {
  const partitions = Array.from({ length: context.config.partitions }, (_, partition) => partition);
  const stages = partitions.map((partition) => scoreStage(context.config, partition) as CyclicStage);
  return startStage('score', context, partitions, (means) => runCyclic(stages, means));
}
