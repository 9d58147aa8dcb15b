import type { FeedRecord } from '@crunch-node/domain';
import { type FeedKey, instantOfMillis, type Json, type JsonObject } from '@crunch-node/streams';
import { granularitySeconds, isGranularity } from '../granularity.ts';
import type { FeedReports } from '../provider.ts';
import { faultOf } from '../validate-record.ts';
import { isNumericText, type TimeRead } from './time-unit.ts';

/** A row of a source: its time (epoch ms, NaN when it has none), and the record it makes, or null when it was rejected. */
export interface Row {
  readonly tsMs: number;
  readonly record: FeedRecord | null;
}

/** Rows ascend by time; a page never ends between two rows of one millisecond. */
export interface RowPage {
  readonly rows: readonly Row[];
  readonly nextStartMs: number | null;
}

export interface RowParts {
  readonly time: TimeRead;
  readonly values: JsonObject;
  /** distinguishes rows of one millisecond; a candle has none, there is one a grid place */
  readonly id?: string | undefined;
  /** for a person: where it came from */
  readonly origin: string;
}

/** A message has to fit the server's limit: one that does not would stop the feed instead of itself. */
const MAX_VALUES_BYTES = 256 * 1024;

/** The record of a row. Rejected, reported and null when it is none. */
export function rowOf(key: FeedKey, { time, values, id, origin }: RowParts, reports: FeedReports): Row {
  if ('fault' in time) {
    reports.rejected({ reason: 'bad_time', detail: time.fault, origin });
    return { tsMs: Number.NaN, record: null };
  }
  const { ms: tsMs } = time;
  const isCandle = key.kind === 'candle';
  const lengthMs = isCandle && isGranularity(key.granularity) ? granularitySeconds(key.granularity) * 1000 : 0;
  const record: FeedRecord = {
    source: key.source,
    subject: key.subject,
    kind: key.kind,
    granularity: key.granularity,
    at: instantOfMillis(tsMs + lengthMs),
    ts_event: tsMs,
    ...(!isCandle && id !== undefined && id !== '' && { ordinal: id }),
    values: withNumbers(key.kind, values),
  };
  const fault = faultOf(record) ?? sizeFault(values);
  if (fault === null) return { tsMs, record };
  reports.rejected({ ...fault, origin });
  return { tsMs, record: null };
}

const NUMBERS: Readonly<Record<string, readonly string[]>> = {
  candle: ['open', 'high', 'low', 'close', 'volume'],
  tick: ['price', 'qty'],
  funding: ['funding_rate', 'mark_price', 'index_price', 'basis', 'next_funding_ts'],
};

/** Many sources write decimal numbers as text, so as not to lose digits. Where a number belongs, one is made of it. */
function withNumbers(kind: string, values: JsonObject): JsonObject {
  const converted: Record<string, Json> = { ...values };
  for (const name of NUMBERS[kind] ?? []) {
    const value = converted[name];
    if (isNumericText(value)) converted[name] = Number(value);
  }
  return converted;
}

function sizeFault(values: JsonObject) {
  const bytes = JSON.stringify(values).length;
  if (bytes <= MAX_VALUES_BYTES) return null;
  return { reason: 'unreadable' as const, detail: `expected at most ${MAX_VALUES_BYTES} bytes, received ${bytes}` };
}
