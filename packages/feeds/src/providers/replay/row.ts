import { type FeedRecord, idText, type TimeForm } from '@crunch-node/domain';
import { type FeedKey, feedKeyText, instantOfMillis, type Json, type JsonObject } from '@crunch-node/streams';
import { granularitySeconds, isGranularity } from '../../granularity.ts';
import { gridPlace } from '../../record.ts';
import type { Times } from '../../rows/index.ts';
import { type Fault, faultOf } from '../../validate-record.ts';
import { withMeta } from './meta.ts';

/** Turns the cells of a row, by column name, into a record, or returns what is wrong with it. Never throws. */
export type RowReader = (cells: (column: string) => string | undefined, time: unknown) => FeedRecord | Fault;

/** What follows for rows from the layout of their file. */
export interface WrittenAs {
  /** how times are written that need no word */
  readonly expected: TimeForm;
  /** an exchange wrote it: candles may have begun off the grid */
  readonly isExchange: boolean;
}

const AS_MILLIS: WrittenAs = { expected: 'ms', isExchange: false };

export const isFault = (read: FeedRecord | Fault): read is Fault => 'reason' in read;

const BAR = ['open', 'high', 'low', 'close', 'volume'] as const;

/** Columns a file of a kind must have. */
export const requiredColumns = (kind: string): readonly string[] =>
  kind === 'candle' ? ['ts_event_ms', ...BAR] : ['ts_event_ms', 'price'];

/**
 * Candles need `ts_event_ms` (the open) and the five values; ticks `ts_event_ms` and `price`, with `trade_id` as the
 * ordinal and `qty` as a further value where they are. `meta` holds what our archive keeps in addition to its columns.
 * @param written the expected form of times, and whether candles that began off the grid are put on it
 */
export function rowReader(key: FeedKey, times: Times, { expected, isExchange }: WrittenAs = AS_MILLIS): RowReader {
  const isCandle = key.kind === 'candle';
  const hasGrid = isCandle && isGranularity(key.granularity);
  const lengthMs = hasGrid ? granularitySeconds(key.granularity) * 1000 : 0;
  const columns = isCandle ? BAR : ['price', 'qty'];
  const feed = feedKeyText(key);
  return (cells, written) => {
    const time = times.read(written, feed, expected);
    if ('fault' in time) return { reason: 'bad_time', detail: time.fault };
    const place = isExchange && hasGrid ? gridPlace(key.granularity, time.ms) : { openMs: time.ms };
    const ordinal = isCandle ? undefined : cells('trade_id');
    const record: FeedRecord = {
      ...key,
      at: instantOfMillis(place.openMs + lengthMs),
      ts_event: place.openMs,
      ...(ordinal !== undefined && ordinal !== '' && { ordinal: idText(ordinal) }),
      values: numbers(cells, columns),
      ...(place.metadata !== undefined && { metadata: place.metadata }),
    };
    const whole = withMeta(record, cells('meta'));
    return isFault(whole) ? whole : (faultOf(whole) ?? whole);
  };
}

function numbers(cells: (column: string) => string | undefined, columns: readonly string[]): JsonObject {
  const values: Record<string, Json> = {};
  for (const column of columns) {
    const number = numberOf(cells(column));
    if (number !== undefined) values[column] = number;
  }
  return values;
}

/** An empty cell is missing, not zero. No file of numbers has them in another base than ten. */
const numberOf = (cell: string | undefined): number | undefined => {
  const text = cell?.trim();
  if (text === undefined || text === '') return undefined;
  return /^0[xob]/i.test(text) ? Number.NaN : Number(text);
};
