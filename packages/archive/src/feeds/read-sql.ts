import { isStampType, microsSql } from '@crunch-node/domain';
import { CrunchError } from '@crunch-node/streams/errors';
import type { DuckDBConnection } from '@duckdb/node-api';
import { sqlText } from '../duck.ts';
import { archiveColumns, typeOfColumn } from './columns.ts';

const empty = archiveColumns.map((column) => `null::${typeOfColumn(column)} as ${column}`).join(', ');

/** All columns, without rows. */
export const rowsOfNothing = `select ${empty} limit 0`;

/** The file has no column with a time: it is unreadable, as opposed to empty. */
export class NoTimeColumn extends CrunchError {
  override readonly name = 'NoTimeColumn';
  override readonly code = 'no_time_column';
  constructor(file: string, received: string) {
    super(`${file}: expected a time column, ${TIMES.join(' or ')}, received ${received}`);
  }
}

/** The first of these columns that exists is the time of a row. */
const TIMES = ['ts_event', 'ts_event_ms'] as const;

/**
 * The rows of a file as a relation with all columns of the archive, whichever program wrote it: files of other
 * producers have no `price`, names in upper case, or times as numbers. `ts_event` is null where a row holds no valid
 * time. `place` is the row number in its file.
 * @param isToKeep a timestamp stays as it is, whatever its value
 * @throws {NoTimeColumn} or the error of DuckDB for the file
 */
export async function rowsOfFile(connection: DuckDBConnection, file: string, isToKeep = false): Promise<string> {
  const rows = `read_parquet(${sqlText(file)}, file_row_number = true, hive_partitioning = false)`;
  const described = await connection.runAndReadAll(`describe select * from ${rows}`);
  const layout = new Map(
    described.getRows().map(([name, type]) => {
      const sql = `"${String(name).replaceAll('"', '""')}"`;
      return [String(name).toLowerCase(), { sql, type: String(type) }] as const;
    }),
  );
  const time = TIMES.map((name) => layout.get(name)).find((column) => column !== undefined);
  const micros = time === undefined ? null : microsSql(time.sql, time.type);
  if (time === undefined || micros === null) {
    const columns = [...layout].map(([name, { type }]) => `${name} ${type}`).join(', ');
    throw new NoTimeColumn(file, columns);
  }
  const kept = isToKeep && isStampType(time.type);
  const cells = archiveColumns.map((column) => {
    if (column === 'ts_event')
      return `${kept ? `${time.sql}::timestamptz` : `make_timestamptz(${micros})`} as ts_event`;
    const found = layout.get(column);
    return `${found === undefined ? 'null' : found.sql}::${typeOfColumn(column)} as ${column}`;
  });
  return `(select ${cells.join(', ')}, file_row_number as place from ${rows})`;
}

/** Distinguishes different records of one time: trades have ids. */
export const ordinalOf = (row: string): string =>
  `case when ${row}.kind in ('candle', 'kline') then null else ${row}.meta::json ->> '$.trade_id' end`;
