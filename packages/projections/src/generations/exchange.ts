import { type QueryExecutorProvider, sql } from 'kysely';
import { createViews, lockSchema } from '../read-model/create.ts';
import { type Grant, grant, grantsOn } from '../read-model/grants.ts';
import { type Dependent, dependentsOf, rebind } from './dependents.ts';
import { nextSchemaOf, previousSchemaOf } from './schemas.ts';

/** The tables of a projection that go, and those that come in their place. */
export interface Exchange {
  readonly projection: string;
  readonly outgoing: readonly string[];
  readonly incoming: readonly string[];
  /** of the previous generation, which a new one makes obsolete */
  readonly obsolete: readonly string[];
}

/** Shorter than Postgres waits before it looks for deadlocks, so that this transaction always gives way. */
const LOCK_WAIT_MS = 250;
/** However many tables there are, readers queue behind this transaction for no longer. */
const LOCKS_WAIT_MS = 750;

/** To be called first in the transaction of an exchange: keeps others from creating or dropping tables meanwhile. */
export async function beginExchange(trx: QueryExecutorProvider, schema: string): Promise<void> {
  await sql`set local lock_timeout = ${sql.lit(LOCK_WAIT_MS)}`.execute(trx);
  await lockSchema(trx, schema);
}

/**
 * Locks every table readers use, views first, in the order of readers. Running queries are waited for, but not for long,
 * since new queries wait behind us.
 * @throws an error with SQLSTATE 55P03 or 57014 when they cannot be had in time
 */
export async function lockReaders(
  trx: QueryExecutorProvider,
  schema: string,
  exchanges: readonly Exchange[],
): Promise<readonly Dependent[]> {
  const tables = exchanges.flatMap(({ outgoing }) => outgoing);
  const views = await dependentsOf(trx, schema, tables);
  const ids = [
    ...views.filter(({ kind }) => kind === 'v').map((view) => sql.id(view.schema, view.name)),
    ...tables.map((table) => sql.id(schema, table)),
  ];
  if (ids.length === 0) return views;
  await sql`set local statement_timeout = ${sql.lit(LOCKS_WAIT_MS)}`.execute(trx);
  await sql`lock table ${sql.join(ids)} in access exclusive mode`.execute(trx);
  await sql`set local statement_timeout = 0`.execute(trx);
  return views;
}

/**
 * Puts tables into each other's place: the current ones become the previous ones. Readers find the others under the
 * same names as soon as the transaction is committed; grants stay, views read what they are named after.
 * @returns views that still read the outgoing tables
 */
export async function exchangeTables(
  trx: QueryExecutorProvider,
  schema: string,
  from: 'next' | 'previous',
  exchanges: readonly Exchange[],
  dependents: readonly Dependent[],
): Promise<readonly Dependent[]> {
  const previous = previousSchemaOf(schema);
  const source = from === 'next' ? nextSchemaOf(schema) : previous;
  const swap = `swap_${schema}`;
  await sql`create schema ${sql.id(swap)}`.execute(trx);
  for (const { outgoing, incoming, obsolete } of exchanges) {
    const grants = new Map<string, readonly Grant[]>();
    for (const table of outgoing) {
      grants.set(table, await grantsOn(trx, schema, table));
      await move(trx, table, schema, swap);
    }
    for (const table of incoming) {
      await move(trx, table, source, schema);
      await grant(trx, schema, table, grants.get(table) ?? []);
    }
    if (from === 'next')
      for (const table of obsolete) await sql`drop table if exists ${sql.id(previous, table)}`.execute(trx);
    for (const table of outgoing) await move(trx, table, swap, previous);
  }
  await sql`drop schema ${sql.id(swap)}`.execute(trx);
  const left = await rebind(trx, schema, dependents);
  await createViews(trx, schema);
  return left;
}

const move = (db: QueryExecutorProvider, table: string, from: string, to: string): Promise<unknown> =>
  sql`alter table ${sql.id(from, table)} set schema ${sql.id(to)}`.execute(db);

/** Holders of the locks an exchange waits for, for people. */
export async function holdersOf(db: QueryExecutorProvider, schema: string): Promise<readonly string[]> {
  const { rows } = await sql<{ holder: string }>`
    select distinct format('%s (process %s, %s for %s)', coalesce(nullif(application_name, ''), 'a client'), pid, state,
      date_trunc('seconds', now() - xact_start)) as holder
    from pg_locks as held join pg_stat_activity using (pid)
    join pg_class as relation on relation.oid = held.relation
    join pg_namespace as space on space.oid = relation.relnamespace
    where held.granted and pid <> pg_backend_pid() and space.nspname = ${schema} and relation.relkind = 'r'
      and xact_start < now() - interval '1 second'
    order by 1 limit 5`.execute(db);
  return rows.map(({ holder }) => holder);
}
