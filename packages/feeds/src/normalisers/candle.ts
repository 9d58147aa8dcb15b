import type { FeedRecord } from '@crunch-node/domain';
import type { JsonObject } from '@crunch-node/streams';
import { finite, secondsOf } from './values.ts';

/**
 * `{symbol, asof_ts, candles_1m: [{ts, open, high, low, close, volume}]}`: the input models of candles know. The name
 * of the list stays whatever the granularity, since existing models read it. Times are whole Unix seconds.
 */
export function candleInput(symbol: string, records: readonly FeedRecord[]): JsonObject {
  const candles: JsonObject[] = [];
  for (const record of records) {
    const candle = candleOf(record);
    if (candle !== null) candles.push(candle);
  }
  return { symbol, asof_ts: candles.at(-1)?.ts ?? 0, candles_1m: candles };
}

/** A record is in as many inputs as a window is long: its candle is made once, and never changed. */
const known = new WeakMap<FeedRecord, JsonObject | null>();

function candleOf(record: FeedRecord): JsonObject | null {
  let candle = known.get(record);
  if (candle !== undefined) return candle;
  candle = madeOf(record);
  known.set(record, candle);
  return candle;
}

function madeOf(record: FeedRecord): JsonObject | null {
  if (record.kind !== 'candle') return null;
  const { open, high, low, close, price: quoted, volume } = record.values;
  const price = finite(close) ?? finite(quoted);
  if (price === undefined) return null;
  return Object.freeze({
    ts: secondsOf(record),
    open: finite(open) ?? price,
    high: finite(high) ?? price,
    low: finite(low) ?? price,
    close: finite(close) ?? price,
    volume: finite(volume) ?? 0,
  });
}
