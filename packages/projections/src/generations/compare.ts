import { type QueryExecutorProvider, sql } from 'kysely';
import type { Table } from '../define-table.ts';
import { columnNames } from '../read-model/create.ts';
import { existing } from './existing.ts';

/** Of one table in two generations, at the same place of the log. */
export interface TableComparison {
  readonly table: string;
  readonly rows: readonly [current: number, next: number];
  /** equal if, and only if, every column of every row is; null: only counted */
  readonly digests: readonly [current: string, next: string] | null;
  readonly differs: boolean;
}

export interface DifferingRow {
  readonly key: Readonly<Record<string, unknown>>;
  /** columns that differ, as Postgres writes them; null: there is no such row */
  readonly current: Readonly<Record<string, unknown>> | null;
  readonly next: Readonly<Record<string, unknown>> | null;
}

/**
 * Compares by row counts and by a digest made inside Postgres: the sum of two 64-bit hashes of each row's text, every
 * column in it. A sum, so rows need no order. Not against forgery, as the SHA-256 of `digest` is: against mistakes.
 */
export async function compareTable(
  db: QueryExecutorProvider,
  [current, next]: readonly [current: string, next: string],
  table: Table,
): Promise<TableComparison> {
  const [one, other] = [await digestOf(db, current, table), await digestOf(db, next, table)];
  return {
    table: table.name,
    rows: [one.rows, other.rows],
    digests: [one.digest, other.digest],
    differs: one.rows !== other.rows || one.digest !== other.digest,
  };
}

/** Of tables that cannot be compared, how many rows they have; 0 when there is no such table. */
export async function countTable(
  db: QueryExecutorProvider,
  [current, next]: readonly [current: string, next: string],
  { name }: Table,
): Promise<TableComparison> {
  const rows = [await countOf(db, current, name), await countOf(db, next, name)] as const;
  return { table: name, rows, digests: null, differs: rows[0] !== rows[1] };
}

async function countOf(db: QueryExecutorProvider, schema: string, name: string): Promise<number> {
  if ((await existing(db, schema, [name])).length === 0) return 0;
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.id(schema, name)}`.execute(db);
  return rows[0]?.n ?? 0;
}

async function digestOf(
  db: QueryExecutorProvider,
  schema: string,
  table: Table,
): Promise<{ readonly rows: number; readonly digest: string }> {
  const { rows } = await sql<{ rows: number; digest: string }>`
    select count(*) as rows, concat_ws('-', sum(hashtextextended(line, 0)), sum(hashtextextended(line, 1))) as digest
    from (select row(${columnNames(columnsOf(table))})::text as line from ${sql.id(schema, table.name)}) as lines`.execute(
    db,
  );
  return rows[0] ?? { rows: 0, digest: '' };
}

const columnsOf = (table: Table): readonly string[] => Object.keys(table.columns);

/** The first rows, in order of the key, that are not the same in both. */
export async function differingRows(
  db: QueryExecutorProvider,
  schemas: readonly [current: string, next: string],
  table: Table,
  limit: number,
): Promise<readonly DifferingRow[]> {
  const [current, next] = schemas.map((schema) => sql.id(schema, table.name));
  const names = columnNames(columnsOf(table));
  const line = (side: string) =>
    sql`row(${sql.join(columnsOf(table).map((name) => sql.ref(`${side}.${name}`)))})::text`;
  const { rows } = await sql<{ one: Row | null; other: Row | null }>`
    select case when one.${sql.id(table.key[0]!)} is not null then row_to_json(one) end as one,
      case when other.${sql.id(table.key[0]!)} is not null then row_to_json(other) end as other
    from (select ${names} from ${current}) as one full join (select ${names} from ${next}) as other
      using (${columnNames(table.key)})
    where one.${sql.id(table.key[0]!)} is null or other.${sql.id(table.key[0]!)} is null
      or ${line('one')} <> ${line('other')}
    order by ${columnNames(table.key)} limit ${sql.lit(limit)}`.execute(db);
  return rows.map(({ one, other }) => differenceOf(table, one, other));
}

type Row = Readonly<Record<string, unknown>>;

function differenceOf(table: Table, current: Row | null, next: Row | null): DifferingRow {
  const some = (current ?? next) as Row;
  const pick = (row: Row, names: readonly string[]): Row => Object.fromEntries(names.map((name) => [name, row[name]]));
  const others = columnsOf(table).filter((name) => !table.key.includes(name));
  const changed =
    current === null || next === null
      ? []
      : others.filter((name) => JSON.stringify(current[name]) !== JSON.stringify(next[name]));
  return {
    key: pick(some, table.key),
    current: current && pick(current, changed),
    next: next && pick(next, changed),
  };
}
