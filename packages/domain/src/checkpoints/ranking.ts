import type { CheckpointRanking } from '@crunch-node/streams';
import type { Aggregation } from '../leaderboards/aggregation.ts';
import { inOrder } from '../leaderboards/rank-entries.ts';
import { OVERFLOW } from '../usable-number.ts';
import type { Period } from './period.ts';

/**
 * The value a model is ranked by: for a window its mean over the period, even where predictions have a key of that name;
 * anything else is a key of the summary. Null: none.
 */
function rankingValue(
  summary: CheckpointRanking['result_summary'],
  { windows, ranking_key, value_field }: Aggregation,
): number | null {
  const key = windows.some(({ name }) => name === ranking_key) ? value_field : ranking_key;
  const value = Object.hasOwn(summary, key) ? summary[key] : undefined;
  return typeof value === 'number' ? numberOrNull(value) : null;
}

const numberOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** A model that never had a value earns nothing, whatever its rank. */
export const isPaid = ({ result_summary }: CheckpointRanking, aggregation: Aggregation): boolean =>
  rankingValue(result_summary, aggregation) !== null;

/** The period's models, best first, those without a value last. Ties: who came first in the period, then model id. */
export function rankPeriod({ models }: Period, aggregation: Aggregation): CheckpointRanking[] {
  const order = inOrder(aggregation.ranking_direction);
  return models
    .map(({ model_id, first_seen, prediction_count, snapshot_count, totals }) => {
      const averages = totals.map(({ key, weighted, weight }) => [key, weighted / weight] as const);
      const result_summary = Object.fromEntries(averages.filter(([, mean]) => Number.isFinite(mean)));
      const unavailable = Object.fromEntries(
        averages.filter(([, mean]) => !Number.isFinite(mean)).map(([key]) => [key, OVERFLOW]),
      );
      const reasons = Object.keys(unavailable).length === 0 ? {} : { unavailable };
      const value = rankingValue(result_summary, aggregation);
      return { model_id, first_seen, value, prediction_count, snapshot_count, result_summary, ...reasons };
    })
    .sort(order)
    .map(({ first_seen: _, value: __, ...entry }, i) => ({ ...entry, rank: i + 1 }));
}
