import type { FeedRecord } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import { linesOf } from '../../csv/lines.ts';
import { type CsvRow, rowsOf } from '../../csv/rows.ts';
import type { FeedReports } from '../../provider.ts';
import { Times } from '../../rows/index.ts';
import type { Fault } from '../../validate-record.ts';
import { bareLayout, type CsvLayout, dimensionsIn, headerLayout, isHeader, repeatsHeader } from './csv-layout.ts';
import { NoReplayData } from './find-files.ts';
import { type FilePart, openBytes } from './open-file.ts';
import { isFault, rowReader } from './row.ts';

const MOST_SHOWN = 200;

/**
 * The records of one feed in a file, in its order. A row that is no record, or older than one before it, is rejected with
 * its line; the file goes on. @throws {NoReplayData} when a column is missing or the file cannot be decompressed
 */
export async function* csvRecords(
  file: string,
  key: FeedKey,
  reports: FeedReports,
  part?: FilePart,
  times = new Times('auto', reports),
): AsyncIterable<FeedRecord> {
  const reject = (row: CsvRow, fault: Fault): void =>
    reports.rejected({ ...fault, origin: `${file}:${row.line}`, received: row.text.slice(0, MOST_SHOWN) });
  let layout: CsvLayout | undefined;
  let read = rowReader(key, times);
  let newest = '';
  for await (const row of rowsIn(file, part)) {
    const { cells } = row;
    if (layout === undefined || repeatsHeader(cells, layout)) {
      const bare = layout === undefined && !isHeader(cells) ? bareLayout(file, key.kind, cells) : null;
      layout = bare ?? headerLayout(file, key.kind, cells);
      read = rowReader(key, times, layout);
      if (bare === null) continue;
    }
    const { places, time, width, dimensions } = layout;
    if (dimensions !== null && !isOf(key, cells, dimensions)) continue;
    const fault = shapeFault(row, width);
    const found = fault ?? read((column) => cells[places.get(column) ?? -1], cells[time]);
    if (isFault(found)) reject(row, found);
    else if (found.at < newest) reject(row, { reason: 'out_of_order', detail: `${found.at} after ${newest}` });
    else {
      newest = found.at;
      yield found;
    }
  }
}

/** The feeds of a file by its columns; null when it has no columns for them, and its name must tell. */
export async function csvKeys(file: string): Promise<readonly FeedKey[] | null> {
  const found = new Map<string, FeedKey>();
  let dimensions: ReturnType<typeof dimensionsIn> = null;
  try {
    for await (const { cells } of rowsIn(file)) {
      if (dimensions === null) {
        dimensions = dimensionsIn(cells);
        if (dimensions === null) return null;
        continue;
      }
      const [source = '', subject = '', kind = '', granularity = ''] = [...dimensions.values()].map(
        (place) => cells[place],
      );
      if ([source, subject, kind, granularity].includes('')) continue;
      found.set(JSON.stringify([source, subject, kind, granularity]), { source, subject, kind, granularity });
    }
  } catch (error) {
    // Whoever reads its records says what is wrong with it.
    if (!(error instanceof NoReplayData)) throw error;
    return dimensions === null ? null : [...found.values()];
  }
  return dimensions === null ? null : [...found.values()];
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
  yield { number: 1, text: header ?? '', isCut: false };
  yield* lines;
}

const isOf = (key: FeedKey, cells: readonly string[], dimensions: NonNullable<CsvLayout['dimensions']>): boolean =>
  [...dimensions].every(([dimension, place]) => cells[place] === key[dimension]);

function shapeFault({ cells, isCut }: CsvRow, width: number | null): Fault | null {
  if (isCut)
    return { reason: 'unreadable', detail: 'expected a row, received a line of more than a million characters' };
  if (width === null || cells.slice(width).every((cell) => cell.trim() === '')) return null;
  return { reason: 'unreadable', detail: `expected ${width} cells, received ${cells.length}` };
}
