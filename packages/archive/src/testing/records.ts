import type { FeedRecord } from '@crunch-node/domain';
import { type FeedKey, instantOfMillis, type JsonObject } from '@crunch-node/streams';

export const FEED: FeedKey = { source: 'binance', subject: 'BTCUSDT', kind: 'candle', granularity: '1m' };

/** A synthetic candle of {@link FEED}, with all prices equal. */
export const candleAt = (ms: number, price: number, more: JsonObject = {}, metadata?: JsonObject): FeedRecord => ({
  ...FEED,
  at: instantOfMillis(ms + 60_000),
  ts_event: ms,
  values: { open: price, high: price, low: price, close: price, volume: 1, ...more },
  ...(metadata && { metadata }),
});

export const tickAt = (ms: number, price: number, ordinal: string): FeedRecord => ({
  ...FEED,
  kind: 'tick',
  granularity: '1s',
  at: instantOfMillis(ms),
  ts_event: ms,
  ordinal,
  values: { price, qty: 1 },
});
