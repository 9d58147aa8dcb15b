import path from 'node:path';
import { isStampType, microsSql, type TimeUnit } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ownName, timeName, timeNames } from './column-names.ts';
import { NoReplayData } from './find-files.ts';
import { requiredColumns } from './row.ts';

/** What DuckDB calls a column, and its type. */
export interface Column {
  readonly sql: string;
  readonly type: string;
}

/** The columns of one file by their names in lower case: every file has a layout of its own. */
export type Layout = ReadonlyMap<string, Column>;

export interface TimeColumn {
  /** epoch microseconds in SQL, null where there is no time */
  readonly micros: string;
  /** the value as text, in SQL */
  readonly written: string;
  /** its type is one of time: no unit has to be found */
  readonly isStamp: boolean;
  /** an exchange named the columns */
  readonly isExchange: boolean;
}

export interface Selected {
  readonly name: string;
  readonly sql: string;
}

export const DIMENSIONS = ['source', 'subject', 'kind', 'granularity'] as const;

/**
 * The columns of the file. What folders are called is no column of it: `subject=ETHUSDT/` would replace the file's own,
 * in a type guessed from the text.
 */
const columnsOf = (file: string, more = ''): string =>
  `read_parquet(${sqlText(file.replace(/[[*?]/g, '[$&]'))}, hive_partitioning = false${more})`;

export interface Relation {
  /** to select from */
  readonly sql: string;
  /** in SQL, the number of a row in the file, from 0 */
  readonly rowNumber: string;
}

/** The file with the numbers of its rows. The reader's own name for them may be that of a column. */
export function relationOf(file: string, layout: Layout): Relation {
  const name = 'file_row_number';
  if (!layout.has(name)) return { sql: columnsOf(file, `, ${name} = true`), rowNumber: name };
  let free = name;
  while (layout.has(free)) free += '_';
  return { sql: `(select *, row_number() over () - 1 as ${free} from ${columnsOf(file)})`, rowNumber: free };
}

/** @throws {NoReplayData} when it is no Parquet file */
export async function layoutOf(connection: DuckDBConnection, file: string): Promise<Layout> {
  try {
    const reader = await connection.runAndReadAll(`describe select * from ${columnsOf(file)}`);
    const columns = reader.getRows().map(([name, type]) => [String(name), String(type)] as const);
    return new Map(columns.map(([name, type]) => [name.toLowerCase(), { sql: quoted(name), type }]));
  } catch (cause) {
    throw new NoReplayData(`cannot read ${file} as Parquet: ${firstLine(cause)}`, { cause });
  }
}

/**
 * SQL for the feed dimensions of a row: its columns, or where it lacks one, a folder `name=value` above the file.
 * Null when one of the four is missing.
 */
export function dimensionsOf(file: string, layout: Layout): readonly string[] | null {
  const found = DIMENSIONS.map((dimension) => {
    const column = layout.get(dimension);
    if (column !== undefined) return `${column.sql}::varchar`;
    const folder = folderValue(file, dimension);
    return folder === null ? null : sqlText(folder);
  });
  return found.includes(null) ? null : (found as string[]);
}

/** @throws {NoReplayData} without a time */
export function timeOf(file: string, kind: string, layout: Layout, unit: TimeUnit): TimeColumn {
  const named = timeName(kind, (name) => layout.has(name));
  const found = layout.get(named?.name ?? '');
  if (named === undefined || found === undefined) {
    throw new NoReplayData(`${file}: expected a time column, ${timeNames(kind)}, received ${namesOf(layout)}`);
  }
  const micros = microsSql(found.sql, found.type, unit);
  if (micros === null) {
    throw new NoReplayData(
      `${file}: expected ${found.sql} to be a timestamp, a number or a text, received the type ${found.type}`,
    );
  }
  return { micros, written: `${found.sql}::varchar`, isStamp: isStampType(found.type), isExchange: named.isExchange };
}

/** @throws {NoReplayData} naming the columns that are missing */
export function selectionOf(file: string, { kind }: FeedKey, layout: Layout): readonly Selected[] {
  const columns = new Map(layout);
  if (timeName(kind, (name) => layout.has(name))?.isExchange) {
    for (const [name, column] of layout) if (!columns.has(ownName(name))) columns.set(ownName(name), column);
  }
  const values = requiredColumns(kind).filter((name) => name !== 'ts_event_ms');
  const wanted = [...new Set([...values, ...(kind === 'candle' ? [] : ['trade_id', 'qty'])])];
  const meta = layout.get('meta');
  const selected = wanted.flatMap((name) => {
    const column = columns.get(name);
    if (column !== undefined) return [{ name, sql: `${column.sql}::varchar` }];
    if (meta === undefined || kind === 'candle') return [];
    const text = `${meta.sql}::varchar`;
    return [{ name, sql: `case when json_valid(${text}) then ${text}::json ->> '$.${name}' end` }];
  });
  // Only our own archive keeps further values there.
  if (meta !== undefined && !layout.has('ts_event_ms')) selected.push({ name: 'meta', sql: `${meta.sql}::varchar` });
  const missing = values.filter((name) => !selected.some((one) => one.name === name));
  if (missing.length === 0) return selected;
  throw new NoReplayData(
    `${file}: expected the columns ${requiredColumns(kind).join(', ')} for kind ${kind}, received ${namesOf(layout)}`,
  );
}

const namesOf = (layout: Layout): string => [...layout.keys()].join(', ');

function folderValue(file: string, dimension: string): string | null {
  for (const folder of path.resolve(file).split(path.sep).slice(0, -1).reverse()) {
    const at = folder.indexOf('=');
    if (at < 0 || folder.slice(0, at).toLowerCase() !== dimension) continue;
    const value = folder.slice(at + 1);
    return value === '' || value === '__HIVE_DEFAULT_PARTITION__' ? null : decoded(value);
  }
  return null;
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const firstLine = (error: unknown): string => (error as Error).message.split('\n')[0] ?? '';
