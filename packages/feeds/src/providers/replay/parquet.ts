import type { FeedRecord } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { FeedReports } from '../../provider.ts';
import { NoReplayData } from './find-files.ts';
import { isFault, requiredColumns, rowReader } from './row.ts';

const DIMENSIONS = ['source', 'subject', 'kind', 'granularity'] as const;

/** Loading DuckDB takes a tenth of a second and 60 MB: only who reads Parquet pays. */
async function connect(): Promise<DuckDBConnection> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  return instance.connect();
}

/** The feeds of a file by its columns; null when it has no columns for them and its name must tell. */
export async function parquetKeys(file: string): Promise<readonly FeedKey[] | null> {
  const connection = await connect();
  try {
    const columns = await columnsOf(connection, file);
    if (!DIMENSIONS.every((dimension) => columns.has(dimension))) return null;
    const reader = await connection.runAndReadAll(
      `select distinct ${DIMENSIONS.join(', ')} from read_parquet($1) order by all`,
      [file],
    );
    return reader.getRowObjects().map((row) => row as unknown as FeedKey);
  } finally {
    connection.closeSync();
  }
}

/**
 * The records of one feed in several files of one layout, ascending by time, in the order of the files where equal.
 * Columns as in the archive (`ts_event` timestamp) or as in CSV (`ts_event_ms`); ticks may keep their price in `meta`.
 */
export async function* parquetRecords(
  files: readonly string[],
  key: FeedKey,
  keyed: boolean,
  reports: FeedReports,
): AsyncIterable<FeedRecord> {
  const connection = await connect();
  try {
    const columns = await columnsOf(connection, files[0]!);
    const selected = selection(files[0]!, key, columns);
    const where = keyed ? `where ${DIMENSIONS.map((dimension, i) => `${dimension} = $${i + 1}`).join(' and ')}` : '';
    const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ');
    const result = await connection.stream(
      `select ${selected.map(({ sql, name }) => `(${sql})::varchar as ${name}`).join(', ')}
       from read_parquet([${list}], union_by_name = true, filename = true, file_row_number = true)
       ${where} order by ${timeSql(columns)}, filename, file_row_number`,
      keyed ? DIMENSIONS.map((dimension) => key[dimension]) : [],
    );
    const places = new Map(selected.map(({ name }, place) => [name, place]));
    const read = rowReader(key);
    for await (const rows of result.yieldRows()) {
      for (const cells of rows) {
        const cell = (column: string): string | undefined => textOf(cells[places.get(column) ?? -1]);
        const row = read(cell, cell('ts_event_ms'));
        if (isFault(row)) reports.rejected({ ...row, origin: files.join(', ') });
        else yield row;
      }
    }
  } finally {
    connection.closeSync();
  }
}

async function columnsOf(connection: DuckDBConnection, file: string): Promise<ReadonlySet<string>> {
  try {
    const reader = await connection.runAndReadAll('describe select * from read_parquet($1)', [file]);
    return new Set(reader.getRows().map(([name]) => String(name)));
  } catch (cause) {
    throw new NoReplayData(`cannot read ${file} as Parquet: ${(cause as Error).message}`, { cause });
  }
}

const timeSql = (columns: ReadonlySet<string>): string =>
  columns.has('ts_event_ms') ? 'ts_event_ms' : 'epoch_ms(ts_event)';

function selection(file: string, { kind }: FeedKey, columns: ReadonlySet<string>) {
  const wanted = new Set([...requiredColumns(kind), ...(kind === 'candle' ? [] : ['trade_id', 'qty'])]);
  const selected = [...wanted].flatMap((name) => {
    if (name === 'ts_event_ms' && columns.has('ts_event')) return { name, sql: timeSql(columns) };
    if (columns.has(name)) return { name, sql: name };
    if (columns.has('meta') && kind !== 'candle') return { name, sql: `meta::json ->> '$.${name}'` };
    return [];
  });
  if (columns.has('meta') && !columns.has('ts_event_ms')) selected.push({ name: 'meta', sql: 'meta' });
  const missing = requiredColumns(kind).filter((name) => !selected.some((column) => column.name === name));
  if (missing.length === 0) return selected;
  throw new NoReplayData(
    `${file}: expected the columns ${requiredColumns(kind).join(', ')} for kind ${kind}, received ${[...columns].join(', ')}`,
  );
}

/** A double as text reads back as the same double. */
const textOf = (value: DuckDBValue | undefined): string | undefined =>
  value === null || value === undefined ? undefined : String(value);
