import type { FeedRecord } from '@crunch-node/domain';
import type { JsonObject } from '@crunch-node/streams';
import { granularitySeconds, isGranularity } from '../granularity.ts';
import { finite } from './values.ts';

/** Where the feed's granularity is no length of time. */
const FALLBACK_SECONDS = 60;

interface Candle {
  readonly ts: number;
  readonly open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

/**
 * The input models of candles know, made of ticks: one candle per granularity of the feed in which there was a tick.
 * The newest one ends with the newest tick, so it may still be growing. The volume is the quantity traded, 0 where
 * ticks have none.
 */
export function candleFromTickInput(symbol: string, records: readonly FeedRecord[]): JsonObject {
  const candles: Candle[] = [];
  for (const { kind, granularity, ts_event, values } of records) {
    const price = finite(values.price) ?? finite(values.close);
    if (kind !== 'tick' || price === undefined) continue;
    const step = isGranularity(granularity) ? granularitySeconds(granularity) : FALLBACK_SECONDS;
    const ts = Math.floor(ts_event / 1000 / step) * step;
    const volume = finite(values.quantity) ?? 0;
    const last = candles.at(-1);
    if (last?.ts !== ts) {
      candles.push({ ts, open: price, high: price, low: price, close: price, volume });
      continue;
    }
    last.high = Math.max(last.high, price);
    last.low = Math.min(last.low, price);
    last.close = price;
    last.volume += volume;
  }
  return { symbol, asof_ts: candles.at(-1)?.ts ?? 0, candles_1m: candles.map((candle) => ({ ...candle })) };
}
