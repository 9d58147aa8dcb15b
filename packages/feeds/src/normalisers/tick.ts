import type { FeedRecord } from '@crunch-node/domain';
import type { JsonObject } from '@crunch-node/streams';
import { finite, secondsOf } from './values.ts';

/** `{symbol, asof_ts, ticks: [{ts, price}]}`. Times are whole Unix seconds. */
export function tickInput(symbol: string, records: readonly FeedRecord[]): JsonObject {
  const ticks = records.flatMap((record) => {
    if (record.kind !== 'tick') return [];
    const price = finite(record.values.price) ?? finite(record.values.close);
    return price === undefined ? [] : { ts: secondsOf(record), price };
  });
  return { symbol, asof_ts: ticks.at(-1)?.ts ?? 0, ticks };
}
