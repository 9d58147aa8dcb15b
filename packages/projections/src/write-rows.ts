import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';
import type { Column } from './columns.ts';
import type { RowOf, Table } from './define-table.ts';
import { foldRows, replaced } from './gather-rows.ts';
import { storable } from './stored.ts';

/** One array parameter per column keeps statements short; this many rows keep them below some tens of megabytes. */
const ROWS_PER_STATEMENT = 5_000;

/** Inserts in bulk. `append` keeps the first row of a key, `replace` the last: one statement may touch it only once. */
export async function writeRows<T extends Table>(
  db: QueryExecutorProvider,
  schema: string,
  table: T,
  rows: readonly RowOf<T>[],
): Promise<void> {
  for (const some of chunksOf(table.write === 'replace' ? foldRows(table, rows, replaced) : rows)) {
    await sql`insert into ${sql.id(schema, table.name)} (${columnList(table)}) ${selectRows(table, some)}
      on conflict (${sql.join(table.key.map((name) => sql.ref(name)))}) ${onConflict(table)}`.execute(db);
  }
}

export function* chunksOf<R>(rows: readonly R[]): Generator<readonly R[]> {
  for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT) yield rows.slice(i, i + ROWS_PER_STATEMENT);
}

export const columnList = (table: Table): RawBuilder<unknown> =>
  sql.join(Object.keys(table.columns).map((name) => sql.ref(name)));

/** `select * from unnest(…)`: the rows as a relation, one array parameter per column. */
export function selectRows<T extends Table>(table: T, rows: readonly RowOf<T>[]): RawBuilder<unknown> {
  const arrays = Object.entries(table.columns).map(([name, column]) => {
    const values = rows.map((row) => parameterOf(column, (row as Readonly<Record<string, unknown>>)[name]));
    return sql`${values}::${sql.raw(column.type)}[]`;
  });
  return sql`select * from unnest(${sql.join(arrays)}) as given (${columnList(table)})`;
}

function onConflict(table: Table): RawBuilder<unknown> {
  const others = Object.keys(table.columns).filter((name) => !table.key.includes(name));
  if (table.write === 'append' || others.length === 0) return sql`do nothing`;
  return sql`do update set ${sql.join(others.map((name) => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`))}`;
}

function parameterOf({ type }: Column, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (type === 'json') return JSON.stringify(value);
  return type === 'text' ? storable(value as string) : value;
}
