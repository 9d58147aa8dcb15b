import type { FeedRecord } from '@crunch-node/domain';
import { type FeedKey, instantOfMillis, type Json, type JsonObject } from '@crunch-node/streams';
import { granularitySeconds, isGranularity } from '../../granularity.ts';

/** Turns the cells of a row, by column name, into a record. What is missing or no number is left for validation. */
export type RowReader = (cells: (column: string) => string | undefined) => FeedRecord;

const BAR = ['open', 'high', 'low', 'close', 'volume'] as const;

/** Columns a file of a kind must have. */
export const requiredColumns = (kind: string): readonly string[] =>
  kind === 'candle' ? ['ts_event_ms', ...BAR] : ['ts_event_ms', 'price'];

/**
 * Candles need `ts_event_ms` (the open) and the five values; ticks `ts_event_ms` and `price`, with `trade_id` as the
 * ordinal and `qty` as a further value where they are.
 */
export function rowReader(key: FeedKey): RowReader {
  if (key.kind === 'candle') {
    const lengthMs = isGranularity(key.granularity) ? granularitySeconds(key.granularity) * 1000 : 0;
    return (cells) => {
      const ts_event = numberOf(cells('ts_event_ms')) ?? Number.NaN;
      return { ...key, at: knowable(ts_event, lengthMs), ts_event, values: numbers(cells, BAR) };
    };
  }
  return (cells) => {
    const ts_event = numberOf(cells('ts_event_ms')) ?? Number.NaN;
    const ordinal = cells('trade_id');
    return {
      ...key,
      at: knowable(ts_event, 0),
      ts_event,
      ...(ordinal !== undefined && ordinal !== '' && { ordinal }),
      values: numbers(cells, ['price', 'qty']),
    };
  };
}

/** A time that is none is refused by validation, which needs a record to look at. */
const knowable = (ts_event: number, lengthMs: number): string =>
  Number.isSafeInteger(ts_event) && Math.abs(ts_event) < 8e15 / 2 ? instantOfMillis(ts_event + lengthMs) : '';

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
