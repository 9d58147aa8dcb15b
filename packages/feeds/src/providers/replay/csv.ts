import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FeedRecord } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import { parse } from 'csv-parse';
import type { FeedReports } from '../../provider.ts';
import { Times } from '../../rows/index.ts';
import { NoReplayData } from './find-files.ts';
import { isFault, requiredColumns, rowReader } from './row.ts';

/** A stretch of a file, from the beginning of a line to the end of one. */
export interface FilePart {
  /** bytes */
  readonly start: number;
  readonly end: number;
  /** the file's first line, where the part does not begin with it */
  readonly header: string | null;
}

/**
 * The records of one file in its order, each on its own line. A line that is no record, or older than one before it,
 * is rejected; the file goes on. @throws {NoReplayData} when a column is missing or the file cannot be decompressed
 */
export async function* csvRecords(
  file: string,
  key: FeedKey,
  reports: FeedReports,
  part?: FilePart,
  times = new Times('auto', reports),
): AsyncIterable<FeedRecord> {
  const rows = parse({
    bom: true,
    // No cell holds a comma, and a quote that is never closed would swallow the rest of the file.
    quote: null,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      reports.rejected({ reason: 'unreadable', detail: error?.message ?? 'not CSV', origin: file });
      return undefined;
    },
  });
  const stream = readRows(file, rows, part);
  const read = rowReader(key, times);
  let columns: ReadonlyMap<string, number> | undefined;
  let newest = '';
  try {
    for await (const { info, record: cells } of stream as AsyncIterable<{
      info: { lines: number };
      record: string[];
    }>) {
      if (columns === undefined) {
        columns = columnsOf(file, key, cells);
        continue;
      }
      const places = columns;
      const cell = (column: string) => unquoted(cells[places.get(column) ?? -1]);
      const row = read(cell, cell('ts_event_ms'));
      const origin = `${file}:${info.lines}`;
      if (isFault(row)) reports.rejected({ ...row, origin });
      else if (row.at < newest) {
        reports.rejected({ reason: 'out_of_order', detail: `${row.at} after ${newest}`, origin });
      } else {
        newest = row.at;
        yield row;
      }
    }
  } catch (cause) {
    if (cause instanceof NoReplayData) throw cause;
    throw new NoReplayData(`cannot read ${file}: ${(cause as Error).message}`, { cause });
  } finally {
    stream.destroy();
  }
}

function readRows(file: string, rows: ReturnType<typeof parse>, part: FilePart | undefined): Readable {
  const bytes = part === undefined ? createReadStream(file) : readPart(file, part);
  // Errors of any part surface in the last one, which is the one being read.
  const surface = (): void => {};
  return file.endsWith('.gz') ? pipeline(bytes, createGunzip(), rows, surface) : pipeline(bytes, rows, surface);
}

function readPart(file: string, { start, end, header }: FilePart): Readable {
  if (end <= start) return Readable.from([]);
  const bytes = createReadStream(file, { start, end: end - 1 });
  if (header === null) return bytes;
  const lines = async function* () {
    yield Buffer.from(`${header}\n`);
    yield* bytes;
  };
  return Readable.from(lines(), { objectMode: false });
}

function columnsOf(file: string, { kind }: FeedKey, header: readonly string[]): ReadonlyMap<string, number> {
  const columns = new Map(header.map((name, place) => [unquoted(name)?.trim() ?? '', place]));
  const missing = requiredColumns(kind).filter((name) => !columns.has(name));
  if (missing.length === 0) return columns;
  throw new NoReplayData(
    `${file}: expected the columns ${requiredColumns(kind).join(', ')} for kind ${kind}, received ${header.join(', ')}`,
  );
}

const unquoted = (cell: string | undefined): string | undefined =>
  cell?.startsWith('"') && cell.endsWith('"') ? cell.slice(1, -1) : cell;
