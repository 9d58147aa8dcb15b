import { type Kysely, type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';
import { allTables } from '../all-projections.ts';
import type { Database } from '../database.ts';
import type { Table } from '../define-table.ts';
import { replaceView, versionOfView } from './replace-view.ts';
import { viewsOf, viewsSchemaOf } from './views.ts';

/**
 * Creates what is missing: schema, tables, indexes, and the views for people who query by SQL. All of it whichever
 * projections run, since views join tables of several. Tables of another release stay as they are, and so do views that
 * need more than those have: their projections wait for a replay, which brings both. Safe to call at every start, from
 * several processes at once.
 */
export async function createReadModel(db: Kysely<Database>, schema: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lockSchema(trx, schema);
    await sql`create schema if not exists ${sql.id(schema)}`.execute(trx);
    for (const table of allTables) await unlessOutdated(trx, () => createTable(trx, schema, table));
    await createViews(trx, schema);
  });
}

/**
 * To be called before tables are created or dropped. `create … if not exists` of two processes at once can fail; one
 * after the other it cannot. What is created is on disk when the transaction returns, also on connections that commit
 * asynchronously: rows lost in a crash of Postgres come again from the log, tables do not.
 */
export async function lockSchema(db: QueryExecutorProvider, schema: string): Promise<void> {
  await sql`set local synchronous_commit = on`.execute(db);
  await sql`select pg_advisory_xact_lock(hashtextextended(${`crunch-node ${schema}`}, 0))`.execute(db);
}

export async function createTable(db: QueryExecutorProvider, schema: string, table: Table): Promise<void> {
  const key = sql`, primary key (${columnNames(table.key)})`;
  await sql`create table if not exists ${sql.id(schema, table.name)} (${columnsOf(table)}${key})`.execute(db);
  await createIndexes(db, schema, table);
}

/** Its columns as `create table` takes them. */
export const columnsOf = (table: Table): RawBuilder<unknown> =>
  sql.join(
    Object.entries(table.columns).map(([name, { type, nullable }]) => {
      // "C": code point order, the same on every machine, which the digest depends on.
      const collation = type === 'text' ? sql` collate "C"` : sql``;
      return sql`${sql.id(name)} ${sql.raw(type)}${collation}${nullable ? sql`` : sql` not null`}`;
    }),
  );

export const columnNames = (names: readonly string[]): RawBuilder<unknown> =>
  sql.join(names.map((name) => sql.id(name)));

export async function createIndexes(db: QueryExecutorProvider, schema: string, table: Table): Promise<void> {
  for (const index of table.indexes) {
    await sql`create index if not exists ${sql.id(`${table.name}_${index.join('_')}`)}
      on ${sql.id(schema, table.name)} (${columnNames(index)})`.execute(db);
  }
}

const UNDEFINED_COLUMN = '42703';
const UNDEFINED_TABLE = '42P01';

/** Ignores failures due to columns that tables of another release lack. @returns whether it could be done */
async function unlessOutdated(trx: QueryExecutorProvider, act: () => Promise<void>): Promise<boolean> {
  await sql`savepoint current_release`.execute(trx);
  try {
    await act();
    await sql`release savepoint current_release`.execute(trx);
    return true;
  } catch (error) {
    if (![UNDEFINED_COLUMN, UNDEFINED_TABLE].includes((error as { code?: string }).code ?? '')) throw error;
    await sql`rollback to savepoint current_release`.execute(trx);
    return false;
  }
}

/** A view is made again only when its text has changed: dropping it would make its readers wait at every start. */
export async function createViews(db: QueryExecutorProvider, schema: string): Promise<void> {
  const viewsSchema = viewsSchemaOf(schema);
  await sql`create schema if not exists ${sql.id(viewsSchema)}`.execute(db);
  for (const [name, select] of Object.entries(viewsOf(schema))) {
    const existing = await sql<{ version: string | null }>`
      select obj_description(to_regclass(${`"${viewsSchema}"."${name}"`}), 'pg_class') as version`.execute(db);
    if (existing.rows[0]?.version === versionOfView(select)) continue;
    await unlessOutdated(db, () => replaceView(db, viewsSchema, name, select));
  }
}

/**
 * Empties a projection's tables by dropping and creating them. Its position has to go in the same transaction, so that
 * the next start reads the stream from the beginning.
 */
export async function recreateTables(
  db: QueryExecutorProvider,
  schema: string,
  tables: readonly Table[],
): Promise<void> {
  await lockSchema(db, schema);
  for (const table of tables) {
    await sql`drop table if exists ${sql.id(schema, table.name)} cascade`.execute(db);
    await createTable(db, schema, table);
  }
  await createViews(db, schema);
}
