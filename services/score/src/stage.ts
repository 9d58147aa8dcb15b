import {
  byKind,
  type CrunchConfig,
  scoreReact,
  scoreStart,
  tournamentScoreReact,
  tournamentScoreStart,
  tradingReact,
  tradingStart,
} from '@crunch-node/domain';
import { type CyclicStage, defineStage, from, to } from '@crunch-node/stages/definition';
import {
  type Event,
  feeds,
  predictions,
  type RoundScored,
  rounds,
  type ScoreEvent,
  type ScorePartition,
  scores,
  signals,
} from '@crunch-node/streams';

/**
 * The score stage of one partition: FEEDS has what happened, PREDICTIONS what was predicted, or ordered when models
 * trade. Partition `ensemble` reads SIGNALS: the predictions of ensembles. In a tournament ROUNDS has the ground truth
 * and the closings.
 */
export function scoreStage(config: CrunchConfig, partition: ScorePartition): CyclicStage {
  const writes = to(scores, partition);
  if (partition === 'ensemble') {
    const reads = [from(feeds), from(signals)];
    return defineStage({ reads, writes, start: scoreStart, react: scoreReact(config, partition), ...ofRounds });
  }
  const predicted = from(predictions, partition);
  return byKind<CyclicStage>(config, {
    realtime: (rules) =>
      defineStage({
        reads: [from(feeds), predicted],
        writes,
        start: scoreStart,
        react: scoreReact(rules, partition),
        ...ofRounds,
      }),
    trading: ({ trading }) =>
      defineStage({
        reads: [from(feeds), predicted],
        writes,
        start: tradingStart,
        react: tradingReact(trading, partition),
      }),
    tournament: (rules) =>
      defineStage({
        reads: [from(rounds), predicted],
        writes,
        start: tournamentScoreStart,
        react: tournamentScoreReact(rules, partition),
        ...ofRounds,
      }),
  });
}

/** A score belongs to the trace of its round: to the record that triggered it. */
const ofRounds = {
  traces: {
    of: ({ type }: Event) => type === 'RoundPredicted' || type === 'EnsembleSignalled',
    causeOf: (published: ScoreEvent) => (published.type === 'RoundScored' ? published.data.round_id : null),
  },
  failures: (published: ScoreEvent) => (published.type === 'RoundScored' ? failedOf(published) : null),
};

function failedOf({ data }: RoundScored) {
  const failed = data.outcomes.filter(({ outcome }) => outcome === 'failed');
  if (failed.length === 0) return null;
  return { failed: Object.fromEntries(failed.map(({ model_id, failed_reason }) => [model_id, failed_reason])) };
}
