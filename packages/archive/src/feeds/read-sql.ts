import { isStampType, microsSql } from '@crunch-node/domain';
import type { DuckDBConnection } from '@duckdb/node-api';
import { archiveColumns, typeOfColumn } from './columns.ts';
import { sqlText } from './duck.ts';

const empty = archiveColumns.map((column) => `null::${typeOfColumn(column)} as ${column}`).join(', ');

/** All columns, and not a row. */
export const rowsOfNothing = `select ${empty} limit 0`;

/** The file has no time for its rows: it cannot be read, which is not the same as being empty. */
export class NoTimeColumn extends Error {
  override readonly name = 'NoTimeColumn';
  constructor(file: string, received: string) {
    super(`${file}: expected a time column, ${TIMES.join(' or ')}, received ${received}`);
  }
}

/** Whichever comes first is the time of a row. */
const TIMES = ['ts_event', 'ts_event_ms'] as const;

/**
 * The rows of a file as a relation with all our columns, whoever wrote it: files of other makers have no `price`, names
 * in upper case, or times as numbers. `ts_event` is null where a row holds no time of a feed. `place` is where a row
 * stands in its file.
 * @param isToKeep a timestamp stays as it is, whatever it says
 * @throws {NoTimeColumn} or what DuckDB has against the file
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

/** Keeps records of one time apart that are not the same: trades have ids. */
export const ordinalOf = (row: string): string =>
  `case when ${row}.kind in ('candle', 'kline') then null else ${row}.meta::json ->> '$.trade_id' end`;
