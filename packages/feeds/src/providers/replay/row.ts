import type { FeedRecord } from '@crunch-node/domain';
import { type FeedKey, instantOfMillis, type Json, type JsonObject } from '@crunch-node/streams';
import { granularitySeconds, isGranularity } from '../../granularity.ts';
import { gridPlace } from '../../record.ts';
import { isNumericText, millisFrom } from '../../rows/time-unit.ts';
import { type Fault, faultOf } from '../../validate-record.ts';
import { withMeta } from './meta.ts';

/** Turns the cells of a row, by column name, into a record, or says what is wrong with it. Never throws. */
export type RowReader = (cells: (column: string) => string | undefined, time: unknown) => FeedRecord | Fault;

export const isFault = (read: FeedRecord | Fault): read is Fault => 'reason' in read;

const BAR = ['open', 'high', 'low', 'close', 'volume'] as const;

/** Columns a file of a kind must have. */
export const requiredColumns = (kind: string): readonly string[] =>
  kind === 'candle' ? ['ts_event_ms', ...BAR] : ['ts_event_ms', 'price'];

/**
 * Candles need `ts_event_ms` (the open) and the five values; ticks `ts_event_ms` and `price`, with `trade_id` as the
 * ordinal and `qty` as a further value where they are. `meta` holds what our archive keeps beside its columns.
 * @param isExchange candles that began off the grid are put on it
 */
export function rowReader(key: FeedKey, isExchange = false): RowReader {
  const isCandle = key.kind === 'candle';
  const hasGrid = isCandle && isGranularity(key.granularity);
  const lengthMs = hasGrid ? granularitySeconds(key.granularity) * 1000 : 0;
  const columns = isCandle ? BAR : ['price', 'qty'];
  return (cells, written) => {
    const exactMs = timeOf(written);
    const isTime = Number.isSafeInteger(exactMs) && Math.abs(exactMs) < 8e15 / 2;
    const place = isExchange && hasGrid && isTime ? gridPlace(key.granularity, exactMs) : { openMs: exactMs };
    const ordinal = isCandle ? undefined : cells('trade_id');
    const record: FeedRecord = {
      ...key,
      at: isTime ? instantOfMillis(place.openMs + lengthMs) : '',
      ts_event: place.openMs,
      ...(ordinal !== undefined && ordinal !== '' && { ordinal }),
      values: numbers(cells, columns),
      ...(place.metadata !== undefined && { metadata: place.metadata }),
    };
    const whole = withMeta(record, cells('meta'));
    return isFault(whole) ? whole : (faultOf(whole) ?? whole);
  };
}

/** Milliseconds, or microseconds where there are so many digits; else a time in ISO 8601. */
function timeOf(written: unknown): number {
  const text = typeof written === 'string' ? written.trim() : '';
  if (isNumericText(text)) return millisFrom(text, Math.abs(Number(text)) >= 1e14 ? 'us' : 'ms');
  return /^\d{4}-\d\d-\d\d[T ]/.test(text) ? millisFrom(text, 'iso') : Number.NaN;
}

function numbers(cells: (column: string) => string | undefined, columns: readonly string[]): JsonObject {
  const values: Record<string, Json> = {};
  for (const column of columns) {
    const number = numberOf(cells(column));
    if (number !== undefined) values[column] = number;
  }
  return values;
}

/** An empty cell is missing, not zero. */
const numberOf = (cell: string | undefined): number | undefined => {
  const text = cell?.trim();
  return text === undefined || text === '' ? undefined : Number(text);
};
