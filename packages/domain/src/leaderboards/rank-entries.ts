import { byCodePoint, type Instant, type RankedEntry } from '@crunch-node/streams';
import type { Aggregation } from './aggregation.ts';
import type { Coverage } from './coverage.ts';

/** A model before it has a rank. */
export interface Candidate {
  readonly model_id: string;
  /** end of the cycle of its first snapshot */
  readonly first_seen: Instant;
  readonly metrics: Readonly<Record<string, number | null>>;
  /** the ranked value; null: none, so it comes last */
  readonly value: number | null;
  /** window → why it has no value although something was scored in it */
  readonly unavailable?: Readonly<Record<string, string>>;
  readonly coverage?: Coverage;
}

/** Best first, models without a value last. Ties: who came first, then model id. */
export function rankEntries(
  candidates: readonly Candidate[],
  { ranking_key: key, ranking_direction: direction }: Pick<Aggregation, 'ranking_key' | 'ranking_direction'>,
): RankedEntry[] {
  return [...candidates].sort(inOrder(direction)).map(({ model_id, metrics, value, unavailable, coverage }, i) => ({
    rank: i + 1,
    model_id,
    score: {
      metrics,
      ranking: { key, value, direction, ...coverage },
      ...(unavailable === undefined ? {} : { unavailable }),
    },
  }));
}

export const inOrder =
  (direction: Aggregation['ranking_direction']) =>
  (
    a: Pick<Candidate, 'value' | 'first_seen' | 'model_id'>,
    b: Pick<Candidate, 'value' | 'first_seen' | 'model_id'>,
  ): number =>
    byValue(a.value, b.value, direction) ||
    byCodePoint(a.first_seen, b.first_seen) ||
    byCodePoint(a.model_id, b.model_id);

function byValue(a: number | null, b: number | null, direction: Aggregation['ranking_direction']): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return direction === 'desc' ? b - a : a - b;
}
