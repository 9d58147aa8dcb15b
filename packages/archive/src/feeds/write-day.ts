import { randomBytes } from 'node:crypto';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FeedRecord } from '@crunch-node/domain';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type Duck, sqlText } from '../duck.ts';
import { archiveColumns, archiveRow, typeOfColumn } from './columns.ts';
import { dayFileName, feedFolder } from './places.ts';
import { ordinalOf, rowsOfFile } from './read-sql.ts';

const CHUNK_ROWS = 2_048;
const columns = archiveColumns.join(', ');

export interface DayWritten {
  readonly file: string;
  /** where an existing unreadable file was moved, null when there was none */
  readonly movedAside: string | null;
}

/**
 * Merges records of one feed and day into their file: sorted by time, the last one of a time is kept. Readers see
 * either the old file or the new one, also after a crash.
 * @param records at least one, all of one feed and one UTC day
 * @param signal aborts before the file is replaced, never after
 */
export async function writeDay(
  duck: Duck,
  root: string,
  records: readonly FeedRecord[],
  signal?: AbortSignal,
): Promise<DayWritten> {
  const [first] = records;
  if (first === undefined) throw new RangeError('expected at least one record of a day, received none');
  const folder = feedFolder(root, first);
  const file = join(folder, dayFileName(first.ts_event));
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  const connection = await duck.connect();
  try {
    await loadRecords(connection, first, records);
    const movedAside = (await exists(file)) ? await setAsideUnreadable(connection, file) : null;
    const existing = movedAside === null && (await exists(file)) ? file : null;
    const old = existing === null ? null : await rowsOfFile(connection, existing, true);
    await connection.run(copySql(old, temporary));
    await toDisk(temporary);
    signal?.throwIfAborted();
    await rename(temporary, file);
    await toDisk(folder);
    return { file, movedAside };
  } finally {
    connection.closeSync();
    await rm(temporary, { force: true });
  }
}

async function loadRecords(connection: DuckDBConnection, key: FeedRecord, records: readonly FeedRecord[]) {
  const { BIGINT, DOUBLE, DuckDBDataChunk, DuckDBTimestampTZValue, TIMESTAMPTZ, VARCHAR } = await import(
    '@duckdb/node-api'
  );
  const types = { timestamptz: TIMESTAMPTZ, double: DOUBLE, varchar: VARCHAR };
  const list = archiveColumns.map((column) => `${column} ${typeOfColumn(column)}`).join(', ');
  await connection.run(`create temp table incoming (${list}, place bigint)`);
  const appender = await connection.createAppender('incoming');
  for (let i = 0; i < records.length; i += CHUNK_ROWS) {
    const rows = records.slice(i, i + CHUNK_ROWS).map(archiveRow);
    const chunk = DuckDBDataChunk.create([...archiveColumns.map((name) => types[typeOfColumn(name)]), BIGINT]);
    chunk.setColumns([
      ...archiveColumns.map((name) => {
        if (name === 'ts_event') return rows.map(({ tsMicros }) => new DuckDBTimestampTZValue(tsMicros));
        if (name === 'source' || name === 'subject' || name === 'kind' || name === 'granularity') {
          return rows.map(() => key[name]);
        }
        return rows.map((row) => row[name]);
      }),
      rows.map((_, place) => BigInt(i + place)),
    ]);
    appender.appendDataChunk(chunk);
    // A day of ticks takes long, and other requests of this process have to proceed.
    await nextTurn();
  }
  appender.closeSync();
}

/** Moves away a file that is unreadable: replacing it would lose data that might still be recovered. */
async function setAsideUnreadable(connection: DuckDBConnection, file: string): Promise<string | null> {
  try {
    const rows = await rowsOfFile(connection, file, true);
    const reader = await connection.runAndReadAll(
      `select count(*) - count(ts_event), min(meta), max(close) from ${rows}`,
    );
    if (Number(reader.getRows()[0]?.[0]) > 0) throw new RangeError('some of its rows have no time, and would lose it');
    return null;
  } catch {
    const aside = join(dirname(file), `${basename(file)}.unreadable-${randomBytes(4).toString('hex')}`);
    await rename(file, aside);
    return aside;
  }
}

/** @param existing the existing rows, as a relation */
function copySql(existing: string | null, target: string): string {
  const old = existing === null ? '' : `select 0 as age, * from ${existing} union all by name`;
  return `copy (
    select ${columns} from (${old} select 1 as age, * from incoming) as row
    qualify row_number() over (partition by ts_event, ${ordinalOf('row')} order by age desc, place desc) = 1
    order by ts_event, try_cast(${ordinalOf('row')} as hugeint), ${ordinalOf('row')}
  ) to ${sqlText(target)} (format parquet, compression zstd)`;
}

async function toDisk(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
