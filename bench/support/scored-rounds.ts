/** Rounds as score would publish them, of models with random answers, equal in every run. */
import { aggregateSnapshot, predictionId, type SnapshotRules, scoreId } from '@crunch-node/domain';
import { type Cycle, type Instant, instantOfMillis, type Outcome, RoundScored, roundId } from '@crunch-node/streams';

const START = Date.UTC(2024, 0, 1);
const PARTITIONS = 8;

const minute = (n: number): Instant => instantOfMillis(START + n * 60_000);

export const cycleAt = (c: number): Cycle => ({
  start: c === 1 ? null : minute(c - 1),
  end: minute(c),
  config_hash: 'bench',
});

export const aggregation: SnapshotRules['aggregation'] = {
  windows: [
    { name: 'score_1h', hours: 1 },
    { name: 'score_6h', hours: 6 },
    { name: 'score_24h', hours: 24 },
  ],
  value_field: 'value',
  ranking_key: 'score_24h',
  ranking_direction: 'desc',
};

export const rulesOf = (metrics: readonly string[], metrics_every: number): SnapshotRules => ({
  aggregate_snapshot: aggregateSnapshot,
  aggregation,
  metrics,
  metrics_every,
  cycle_seconds: 60,
});

/** Uniform in [0, 1) by a multiplicative congruential generator; the same numbers in every run. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** @param missing share of the models that do not answer a round */
export function roundsAt(c: number, given: { models: number; scopes: number; missing?: number }): RoundScored[] {
  const roll = dice(c + 1);
  return Array.from({ length: given.scopes }, (_, s) => `scope-${s}`).flatMap((scope_key) => {
    const performed_at = minute(c - 1);
    const actual_return = roll() - 0.5;
    return Array.from({ length: PARTITIONS }, (_, partition): RoundScored => {
      const outcomes: Outcome[] = [];
      for (let m = partition; m < given.models; m += PARTITIONS) {
        const value = roll() - 0.5;
        if (roll() >= (given.missing ?? 0))
          outcomes.push(outcomeOf(`model-${m}`, scope_key, performed_at, value, actual_return));
      }
      return RoundScored.at(minute(c), {
        round_id: roundId(partition, scope_key, performed_at),
        partition,
        scope_key,
        scope: {},
        performed_at,
        resolvable_at: minute(c),
        input_id: 'INP_bench',
        ground_truth: { profit: actual_return },
        ground_truth_records: null,
        outcomes,
      });
    });
  });
}

function outcomeOf(model_id: string, scope: string, at: Instant, value: number, actual_return: number): Outcome {
  const prediction_id = predictionId(model_id, scope, at);
  return {
    score_id: scoreId(prediction_id),
    prediction_id,
    model_id,
    outcome: 'scored',
    result: { value: value * actual_return, prediction: value, actual_return, success: true, failed_reason: null },
    success: true,
    failed_reason: null,
    inference_output: { value },
  };
}
