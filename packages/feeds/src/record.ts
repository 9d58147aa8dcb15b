import type { FeedRecord } from '@crunch-node/domain';
import { byCodePoint, type FeedKey, feedKeyText, instantOfMillis, type JsonObject } from '@crunch-node/streams';
import { granularitySeconds } from './granularity.ts';

export interface Bar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/**
 * A closed candle: complete, and so knowable, one granularity after it opened.
 * @throws {UnknownGranularity}
 */
export function candleRecord(key: FeedKey, openMs: number, bar: Bar, metadata?: JsonObject): FeedRecord {
  return {
    source: key.source,
    subject: key.subject,
    kind: key.kind,
    granularity: key.granularity,
    at: instantOfMillis(openMs + granularitySeconds(key.granularity) * 1000),
    ts_event: openMs,
    values: { open: bar.open, high: bar.high, low: bar.low, close: bar.close, volume: bar.volume },
    ...(metadata && { metadata }),
  };
}

/** A place on the grid of candles, and what a record there keeps when its source began it at another time. */
export interface GridPlace {
  readonly openMs: number;
  readonly metadata?: { readonly exact_open_ms: number };
}

/**
 * The interval an open lies in. Exchanges have candles that began late or early after an interruption.
 * @throws {UnknownGranularity}
 */
export function gridPlace(granularity: string, exactMs: number): GridPlace {
  const stepMs = granularitySeconds(granularity) * 1000;
  const openMs = Math.floor(exactMs / stepMs) * stepMs;
  return openMs === exactMs ? { openMs } : { openMs, metadata: { exact_open_ms: exactMs } };
}

/** The order in which a replay delivers records: when they became knowable, then by feed. */
export const byAtAndKey = (a: FeedRecord, b: FeedRecord): number =>
  byCodePoint(a.at, b.at) || byCodePoint(feedKeyText(a), feedKeyText(b));
