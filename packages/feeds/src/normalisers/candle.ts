import type { FeedRecord } from '@crunch-node/domain';
import type { JsonObject } from '@crunch-node/streams';
import { finite, secondsOf } from './values.ts';

/**
 * `{symbol, asof_ts, candles_1m: [{ts, open, high, low, close, volume}]}`: the input models of candles know. The name
 * of the list stays whatever the granularity, since existing models read it. Times are whole Unix seconds.
 */
export function candleInput(symbol: string, records: readonly FeedRecord[]): JsonObject {
  const candles = records.flatMap((record) => {
    if (record.kind !== 'candle') return [];
    const { open, high, low, close, price: quoted, volume } = record.values;
    const price = finite(close) ?? finite(quoted);
    if (price === undefined) return [];
    return {
      ts: secondsOf(record),
      open: finite(open) ?? price,
      high: finite(high) ?? price,
      low: finite(low) ?? price,
      close: finite(close) ?? price,
      volume: finite(volume) ?? 0,
    };
  });
  return { symbol, asof_ts: candles.at(-1)?.ts ?? 0, candles_1m: candles };
}
