import type { FeedKey } from '@crunch-node/streams';
import { isNumericText } from '../../rows/time-unit.ts';
import { ownName, timeName } from './column-names.ts';
import { NoReplayData } from './find-files.ts';
import { requiredColumns, type WrittenAs } from './row.ts';

/** Where in a row its parts are. */
export interface CsvLayout extends WrittenAs {
  /** place of the time */
  readonly time: number;
  readonly places: ReadonlyMap<string, number>;
  /** as many cells as a row has; null: any number */
  readonly width: number | null;
  /** rows name their feed */
  readonly dimensions: ReadonlyMap<keyof FeedKey, number> | null;
}

export const DIMENSIONS = ['source', 'subject', 'kind', 'granularity'] as const;

/** A header has a name where a row has its first number. */
export const isHeader = (cells: readonly string[]): boolean =>
  cells.some((cell) => /^\s*[a-z_]+\s*$/i.test(cell)) && !isNumericText(cells[0]);

/** Names alone, and several: whatever is below such a line is not to be read without it. */
export const isWholeHeader = (cells: readonly string[]): boolean => {
  const given = cells.filter((cell) => cell.trim() !== '');
  return given.length >= 3 && isHeader(cells) && !given.some(isNumericText) && !/^\s*#/.test(cells[0] ?? '');
};

const namesIn = (cells: readonly string[]): string[] => cells.map((cell) => cell.trim().toLowerCase());

/** The feed columns of a header; null when it lacks one. */
export function dimensionsIn(cells: readonly string[]): ReadonlyMap<keyof FeedKey, number> | null {
  const names = namesIn(cells);
  const found = DIMENSIONS.map((dimension) => [dimension, names.indexOf(dimension)] as const);
  return found.every(([, place]) => place >= 0) ? new Map(found) : null;
}

/** Whether a row repeats the names of a header: files that were put one behind the other have several. */
export const repeatsHeader = (cells: readonly string[], { places }: CsvLayout): boolean =>
  /^\D/.test(cells[0] ?? '') && isHeader(cells) && namesIn(cells).filter((name) => places.has(name)).length >= 3;

/** @throws {NoReplayData} naming the columns that are missing */
export function headerLayout(file: string, kind: string, cells: readonly string[]): CsvLayout {
  const names = namesIn(cells);
  const found = timeName(kind, (name) => names.includes(name));
  const { name: time, isExchange = true } = found ?? {};
  const places = new Map<string, number>();
  names.forEach((name, place) => {
    places.set(isExchange ? ownName(name) : name, place);
  });
  // Only our own exports keep further values there.
  if (time !== 'ts_event') places.delete('meta');
  const required = requiredColumns(kind);
  const missing = required.filter((name) => (name === 'ts_event_ms' ? time === undefined : !places.has(name)));
  if (missing.length > 0 || time === undefined) {
    throw new NoReplayData(
      `${file}: expected the columns ${required.join(', ')} for kind ${kind}, received ${cells.join(', ')}`,
    );
  }
  return {
    time: names.lastIndexOf(time),
    // Our own exports write `ts_event` as text.
    expected: time === 'ts_event' ? 'iso' : 'ms',
    places,
    width: cells.length,
    isExchange,
    dimensions: dimensionsIn(cells),
  };
}

const CANDLE = ['', 'open', 'high', 'low', 'close', 'volume'] as const;
const TRADE = ['trade_id', 'price', 'qty', '', ''] as const;
const AGGREGATED_TRADE = ['trade_id', 'price', 'qty', '', '', ''] as const;

/** Of a file without a header, as Binance publishes them; null when it is none that we know. */
export function bareLayout(file: string, kind: string, cells: readonly string[]): CsvLayout | null {
  const isAggregated = /aggtrades/i.test(file.split(/[\\/]/).at(-1) ?? '');
  const columns = kind === 'candle' ? CANDLE : kind !== 'tick' ? null : isAggregated ? AGGREGATED_TRADE : TRADE;
  if (columns === null || cells.length < columns.length || !isNumericText(cells[0])) return null;
  return {
    time: kind === 'candle' ? 0 : columns.length - 1,
    expected: 'ms',
    places: new Map(columns.map((name, place) => [name, place] as const).filter(([name]) => name !== '')),
    width: null,
    isExchange: true,
    dimensions: null,
  };
}
