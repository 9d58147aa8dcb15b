import { type QueryExecutorProvider, sql } from 'kysely';
import { lockSchema } from '../read-model/create.ts';

/** `current` is read and written, `next` is being built, `previous` is kept to go back to. */
export type Slot = 'current' | 'next' | 'previous';

/** `copying`: without indexes; `indexing`: all is copied; `ready`: an ordinary read model that has to catch up */
export type Stage = 'copying' | 'indexing' | 'ready';

export interface Generation {
  readonly projection: string;
  readonly slot: Slot;
  readonly version: number;
  /** of the code that built it; empty when it was not built by a replay */
  readonly fingerprint: string;
  readonly stage: Stage;
  readonly tables: readonly string[];
  readonly began_at: string;
  /** when it became current, or ceased to be */
  readonly switched_at: string | null;
  /** of a previous one; null: until it is dropped by hand */
  readonly keep_until: string | null;
}

const generations = (schema: string) => sql.id(schema, 'generations');

/** In the schema that is read, next to the positions. */
export async function createGenerations(db: QueryExecutorProvider, schema: string): Promise<void> {
  await lockSchema(db, schema);
  await sql`create table if not exists ${generations(schema)} (
    projection text not null, slot text not null check (slot in ('current', 'next', 'previous')),
    version integer not null, fingerprint text not null, stage text not null, tables text[] not null,
    began_at timestamptz not null default now(), switched_at timestamptz, keep_until timestamptz,
    primary key (projection, slot)
  )`.execute(db);
}

/** None where no replay has run yet. */
export async function listGenerations(db: QueryExecutorProvider, schema: string): Promise<readonly Generation[]> {
  const known = await sql<{ exists: boolean }>`
    select to_regclass(${`"${schema}"."generations"`}) is not null as exists`.execute(db);
  if (!known.rows[0]?.exists) return [];
  const { rows } = await sql<Generation>`select projection, slot, version, fingerprint, stage, tables, began_at,
    switched_at, keep_until from ${generations(schema)} order by projection, slot`.execute(db);
  return rows;
}

export async function insertNext(
  db: QueryExecutorProvider,
  schema: string,
  { projection, version, fingerprint, tables }: Pick<Generation, 'projection' | 'version' | 'fingerprint' | 'tables'>,
): Promise<void> {
  await sql`insert into ${generations(schema)} (projection, slot, version, fingerprint, stage, tables)
    values (${projection}, 'next', ${version}, ${fingerprint}, 'copying', ${tables})`.execute(db);
}

export async function setStage(
  db: QueryExecutorProvider,
  schema: string,
  projection: string,
  stage: Stage,
): Promise<void> {
  await sql`update ${generations(schema)} set stage = ${stage}
    where projection = ${projection} and slot = 'next'`.execute(db);
}

/**
 * The one in `from` becomes current, and the current one previous.
 * @param outgoing description of a current one that no replay has built
 */
export async function shiftRecords(
  db: QueryExecutorProvider,
  schema: string,
  projection: string,
  from: 'next' | 'previous',
  outgoing: { readonly version: number; readonly tables: readonly string[]; readonly keepSeconds: number | null },
): Promise<void> {
  const where = (slot: string) => sql`where projection = ${projection} and slot = ${slot}`;
  await sql`insert into ${generations(schema)} (projection, slot, version, fingerprint, stage, tables)
    values (${projection}, 'current', ${outgoing.version}, '', 'ready', ${outgoing.tables})
    on conflict do nothing`.execute(db);
  const taken = await sql<Generation>`delete from ${generations(schema)} ${where(from)}
    returning version, fingerprint, stage, tables, began_at::text`.execute(db);
  if (from === 'next') await sql`delete from ${generations(schema)} ${where('previous')}`.execute(db);
  const keep = outgoing.keepSeconds === null ? null : `${outgoing.keepSeconds} seconds`;
  await sql`update ${generations(schema)}
    set slot = 'previous', switched_at = now(), keep_until = now() + ${keep}::interval ${where('current')}`.execute(db);
  const [row] = taken.rows;
  if (row === undefined) return;
  await sql`insert into ${generations(schema)}
      (projection, slot, version, fingerprint, stage, tables, began_at, switched_at)
    values (${projection}, 'current', ${row.version}, ${row.fingerprint}, ${row.stage}, ${row.tables},
      ${row.began_at}::timestamptz, now())`.execute(db);
}

export async function deleteRecord(
  db: QueryExecutorProvider,
  schema: string,
  projection: string,
  slot: 'next' | 'previous',
): Promise<void> {
  await sql`delete from ${generations(schema)} where projection = ${projection} and slot = ${slot}`.execute(db);
}
