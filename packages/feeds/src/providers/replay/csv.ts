import type { FeedRecord } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import { linesOf } from '../../csv/lines.ts';
import { type CsvRow, rowsOf } from '../../csv/rows.ts';
import type { FeedReports } from '../../provider.ts';
import { Times } from '../../rows/index.ts';
import { isNumericText } from '../../rows/time-unit.ts';
import type { Fault } from '../../validate-record.ts';
import { BEGINNING_ROWS, CsvBeginning, headerOf } from './csv-beginning.ts';
import { type CsvLayout, dimensionsIn, repeatsHeader } from './csv-layout.ts';
import { NoReplayData } from './find-files.ts';
import { type FilePart, openBytes } from './open-file.ts';
import { isFault, rowReader } from './row.ts';

const MOST_SHOWN = 200;
const NEITHER: Fault = { reason: 'unreadable', detail: 'expected a header or a row' };

/** How a file is read, apart from its layout. */
export interface CsvReading {
  /** of a file that grows, what was added */
  readonly part?: FilePart | undefined;
  readonly times?: Times;
  /** one reader of a file with several feeds reports the rows that name none */
  readonly reportsUnnamed?: boolean;
}

/**
 * The records of one feed in a file, in its order. A row that is no record, or older than one before it, is rejected with
 * its line; the file is read on. The header, where there is one, is among the first lines.
 * @throws {NoReplayData} when a column is missing or the file cannot be decompressed
 */
export async function* csvRecords(
  file: string,
  key: FeedKey,
  reports: FeedReports,
  { part, times = new Times('auto', reports), reportsUnnamed = true }: CsvReading = {},
): AsyncIterable<FeedRecord> {
  const reject = (row: CsvRow, fault: Fault): void =>
    reports.rejected({ ...fault, origin: `${file}:${row.line}`, received: row.text.slice(0, MOST_SHOWN) });
  const known = part?.header == null ? 0 : part.lines;
  const beginning = new CsvBeginning(file, key.kind, part !== undefined);
  let layout: CsvLayout | undefined;
  let read = rowReader(key, times);
  let newest = '';
  for await (const row of rowsIn(file, part)) {
    const { cells } = row;
    const isKnown = row.line <= known;
    if (layout === undefined) {
      const begun = beginning.take(row);
      if (begun === null) continue;
      layout = begun.layout;
      for (const other of begun.others) if (other.line > known) reject(other, NEITHER);
      read = rowReader(key, times, layout);
      if (begun.isHeader) continue;
    } else if (repeatsHeader(cells, layout)) {
      const repeated = headerOf(file, key.kind, cells);
      if (repeated instanceof NoReplayData) {
        if (!isKnown) reject(row, { reason: 'unreadable', detail: `a header: ${repeated.message}` });
        continue;
      }
      layout = repeated;
      read = rowReader(key, times, layout);
      continue;
    }
    if (isKnown) continue;
    const { places, time, width, dimensions } = layout;
    if (dimensions !== null) {
      const missing = missingDimensions(cells, dimensions);
      if (missing.length > 0 && reportsUnnamed) reject(row, { reason: 'missing_field', detail: missing.join(', ') });
      if (missing.length > 0 || !isOf(key, cells, dimensions)) continue;
    }
    const fault = shapeFault(row, width);
    const found = fault ?? read((column) => cells[places.get(column) ?? -1], cells[time]);
    if (isFault(found)) reject(row, found);
    else if (found.at < newest) reject(row, { reason: 'out_of_order', detail: `${found.at} after ${newest}` });
    else {
      newest = found.at;
      yield found;
    }
  }
  for (const row of layout === undefined ? beginning.end() : []) if (row.line > known) reject(row, NEITHER);
}

/** The feeds of a file by its columns; null when it has no columns for them, so that its name must give them. */
export async function csvKeys(file: string): Promise<readonly FeedKey[] | null> {
  const found = new Map<string, FeedKey>();
  let dimensions: ReturnType<typeof dimensionsIn> = null;
  let rows = 0;
  let firstLine = 0;
  try {
    for await (const { cells, line } of rowsIn(file)) {
      rows++;
      if (dimensions === null) {
        dimensions = dimensionsIn(cells);
        if (dimensions === null && (rows >= BEGINNING_ROWS || isNumericText(cells[0]))) return null;
        if (dimensions !== null) rows = 0;
        continue;
      }
      if (firstLine === 0) firstLine = line;
      if (missingDimensions(cells, dimensions).length > 0) continue;
      const [source = '', subject = '', kind = '', granularity = ''] = [...dimensions.values()].map(
        (place) => cells[place],
      );
      found.set(JSON.stringify([source, subject, kind, granularity]), { source, subject, kind, granularity });
    }
  } catch (error) {
    // The reader of its records reports what is wrong with it.
    if (!(error instanceof NoReplayData)) throw error;
    return dimensions === null ? null : [...found.values()];
  }
  if (dimensions === null) return null;
  if (found.size === 0 && rows > 0) {
    throw new NoReplayData(
      `${file}: expected ${[...dimensions.keys()].join(', ')} in its rows, found none from line ${firstLine} on`,
    );
  }
  return [...found.values()];
}

/** @throws {NoReplayData} when the file cannot be read */
async function* rowsIn(file: string, part?: FilePart): AsyncGenerator<CsvRow> {
  let last = 0;
  try {
    const bytes = await openBytes(file, part);
    const lines = linesOf(bytes, (part?.lines ?? 0) + 1);
    for await (const row of rowsOf(part === undefined || part.header === null ? lines : behind(part, lines))) {
      last = row.line;
      yield row;
    }
  } catch (cause) {
    if (cause instanceof NoReplayData) throw cause;
    const where = last === 0 ? file : `${file} behind line ${last}`;
    throw new NoReplayData(`cannot read ${where}: ${(cause as Error).message}`, { cause });
  }
}

async function* behind({ header }: FilePart, lines: ReturnType<typeof linesOf>) {
  const known = (header ?? '').split('\n');
  for (const [place, text] of known.entries()) yield { number: place + 1, text, isCut: false };
  yield* lines;
}

const missingDimensions = (
  cells: readonly string[],
  dimensions: NonNullable<CsvLayout['dimensions']>,
): readonly string[] => [...dimensions].flatMap(([name, place]) => ((cells[place] ?? '').trim() === '' ? [name] : []));

const isOf = (key: FeedKey, cells: readonly string[], dimensions: NonNullable<CsvLayout['dimensions']>): boolean =>
  [...dimensions].every(([dimension, place]) => cells[place] === key[dimension]);

function shapeFault({ cells, isCut }: CsvRow, width: number | null): Fault | null {
  if (isCut)
    return { reason: 'unreadable', detail: 'expected a row, received a line of more than a million characters' };
  if (width === null || cells.slice(width).every((cell) => cell.trim() === '')) return null;
  return { reason: 'unreadable', detail: `expected ${width} cells, received ${cells.length}` };
}
