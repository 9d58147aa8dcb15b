import { createHash } from 'node:crypto';
import { type Kysely, type QueryExecutorProvider, sql } from 'kysely';
import { allTables } from '../all-projections.ts';
import type { Database } from '../database.ts';
import type { Table } from '../define-table.ts';
import { viewsOf, viewsSchemaOf } from './views.ts';

/**
 * Creates what is missing: schema, tables, indexes, and the views for people who query by SQL. All of it whichever
 * projections run, since views join tables of several. Safe to call at every start, from several processes at once.
 */
export async function createReadModel(db: Kysely<Database>, schema: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lockSchema(trx, schema);
    await sql`create schema if not exists ${sql.id(schema)}`.execute(trx);
    for (const table of allTables) await createTable(trx, schema, table);
    await createViews(trx, schema);
  });
}

/** `create … if not exists` of two processes at once can fail; one after the other it cannot. */
export const lockSchema = (db: QueryExecutorProvider, schema: string): Promise<unknown> =>
  sql`select pg_advisory_xact_lock(hashtextextended(${`crunch-node ${schema}`}, 0))`.execute(db);

export async function createTable(db: QueryExecutorProvider, schema: string, table: Table): Promise<void> {
  const columns = Object.entries(table.columns).map(([name, { type, nullable }]) => {
    // "C": code point order, the same on every machine, which the digest depends on.
    const collation = type === 'text' ? sql` collate "C"` : sql``;
    return sql`${sql.id(name)} ${sql.raw(type)}${collation}${nullable ? sql`` : sql` not null`}`;
  });
  await sql`create table if not exists ${sql.id(schema, table.name)} (
    ${sql.join(columns)}, primary key (${sql.join(table.key.map((name) => sql.id(name)))})
  )`.execute(db);
  for (const index of table.indexes) {
    await sql`create index if not exists ${sql.id(`${table.name}_${index.join('_')}`)}
      on ${sql.id(schema, table.name)} (${sql.join(index.map((name) => sql.id(name)))})`.execute(db);
  }
}

/** A view is made again only when its text has changed: dropping it would make its readers wait at every start. */
export async function createViews(db: QueryExecutorProvider, schema: string): Promise<void> {
  const viewsSchema = viewsSchemaOf(schema);
  await sql`create schema if not exists ${sql.id(viewsSchema)}`.execute(db);
  for (const [name, select] of Object.entries(viewsOf(schema))) {
    const version = createHash('sha256').update(select).digest('hex');
    const existing = await sql<{ version: string | null }>`
      select obj_description(to_regclass(${`"${viewsSchema}"."${name}"`}), 'pg_class') as version`.execute(db);
    if (existing.rows[0]?.version === version) continue;
    await sql`drop view if exists ${sql.id(viewsSchema, name)}`.execute(db);
    await sql`create view ${sql.id(viewsSchema, name)} as ${sql.raw(select)}`.execute(db);
    await sql`comment on view ${sql.id(viewsSchema, name)} is ${sql.lit(version)}`.execute(db);
  }
}

/**
 * Empties a projection's tables by making them anew. Its position has to go in the same transaction, so that the next
 * start reads the stream from the beginning.
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
