/** Turns predictions into scores: one lease and one writer per partition. */
import {
  type CrunchConfig,
  type React,
  type ScoreInput,
  scorePartitions,
  scoreReact,
  scoreStart,
  tradingReact,
  tradingStart,
} from '@crunch-node/domain';
import type { Service, ServiceContext } from '@crunch-node/service';
import { type CyclicStage, runCyclic, startStage } from '@crunch-node/stages';
import { feeds, predictions, type ScoreEvent, type ScorePartition, scores, signals } from '@crunch-node/streams';
import { tournamentStage } from './tournament-stage.ts';
import { roundTraces } from './traces.ts';

/**
 * The score stage of one partition: FEEDS says what happened, PREDICTIONS what was expected, or ordered when models
 * trade. Partition `ensemble` reads SIGNALS: what ensembles expected.
 */
export const scoreStage = (config: CrunchConfig, partition: ScorePartition): CyclicStage => {
  if (config.tournament !== null && partition !== 'ensemble') return tournamentStage(config, partition);
  return config.trading === null || partition === 'ensemble'
    ? { ...stageOf(partition, scoreStart, scoreReact(config, partition)), ...roundTraces }
    : stageOf(partition, tradingStart, tradingReact(config.trading, partition));
};

function stageOf<S>(partition: ScorePartition, start: S, react: React<S, ScoreInput, ScoreEvent>): CyclicStage {
  const address = scores.closingSubject(partition);
  return {
    stream: scores,
    closingSubject: address,
    owns: (natsSubject) => natsSubject === address || natsSubject.startsWith(`${address}.`),
    inputs: [feeds, partition === 'ensemble' ? signals : predictions],
    sources: [
      feeds.closingSubject(),
      partition === 'ensemble' ? signals.closingSubject() : predictions.closingSubject(partition),
    ],
    initial: () => start,
    react: (state, cycle, events) => react(state as S, cycle, events as readonly ScoreInput[]),
  };
}

export function startScore(context: ServiceContext<CrunchConfig>): Service {
  const { config } = context;
  return startStage('score', context, scorePartitions(config), (context, owned) =>
    runCyclic(
      owned.map((partition) => scoreStage(config, partition)),
      context,
    ),
  );
}
