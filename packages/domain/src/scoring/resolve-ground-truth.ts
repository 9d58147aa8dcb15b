import { type JsonObject, millisOf } from '@crunch-node/streams';
import type { GroundTruthResolver } from '../crunch-config.ts';
import type { FeedRecord } from '../feed-record.ts';
import { parseNumber } from './coerce.ts';

/** First of `keys` and `price` that is a number other than 0; null when there is none. */
export function priceOf(values: JsonObject, key: 'open' | 'close'): number | null {
  for (const value of [values[key], values.price]) {
    const number = typeof value === 'string' ? parseNumber(value) : value;
    if (typeof number === 'number' && Number.isFinite(number) && number !== 0) return number;
  }
  return null;
}

/**
 * The move of the price over the horizon. Entry is the close of the last record known when the prediction was made, or
 * the open of the first one after it; resolved is the close of the last in the window. No price: no ground truth.
 */
export const resolveGroundTruth: GroundTruthResolver = ({ entry, records }) => {
  const first = records[0];
  const last = records.at(-1);
  if (first === undefined || last === undefined) return null;
  const entryPrice = (entry === null ? null : priceOf(entry.values, 'close')) ?? priceOf(first.values, 'open');
  const resolvedPrice = priceOf(last.values, 'close');
  if (entryPrice === null || resolvedPrice === null) return null;
  return {
    symbol: last.subject,
    asof_ts: millisOf(last.at),
    entry_price: entryPrice,
    resolved_price: resolvedPrice,
    profit: (resolvedPrice - entryPrice) / Math.abs(entryPrice),
    direction_up: resolvedPrice > entryPrice,
  } satisfies FeedGroundTruth;
};

/** Result of the default resolver. `asof_ts` is in epoch milliseconds. */
export type FeedGroundTruth = {
  readonly symbol: FeedRecord['subject'];
  readonly asof_ts: number;
  readonly entry_price: number;
  readonly resolved_price: number;
  readonly profit: number;
  readonly direction_up: boolean;
};
