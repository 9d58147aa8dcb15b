import { archiveColumns, typeOfColumn } from './columns.ts';
import { sqlText } from './duck.ts';

const empty = archiveColumns.map((column) => `null::${typeOfColumn(column)} as ${column}`).join(', ');
const cast = archiveColumns.map((column) => `${column}::${typeOfColumn(column)} as ${column}`).join(', ');

/** All columns, and not a row. */
export const rowsOfNothing = `select ${empty} limit 0`;

/**
 * The rows of a file as a relation with all our columns, whoever wrote it: files of other makers have no `price`.
 * `place` is where a row stands in its file.
 */
export const rowsOfFile = (file: string): string => `(select ${cast}, place from (
  select * from (select ${empty}, null::bigint as place limit 0)
  union all by name
  select * rename (file_row_number as place) from read_parquet(${sqlText(file)}, file_row_number = true, hive_partitioning = false)
))`;

/** Keeps records of one time apart that are not the same: trades have ids. */
export const ordinalOf = (row: string): string =>
  `case when ${row}.kind in ('candle', 'kline') then null else ${row}.meta::json ->> '$.trade_id' end`;
