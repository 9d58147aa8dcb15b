import { type Kysely, type QueryExecutorProvider, sql } from 'kysely';

/** How far a projection has read its stream. A row in the schema of its tables, so that each generation has its own. */
export interface Position {
  readonly projection: string;
  readonly version: number;
  /** `all`, until a projection is split */
  readonly partition: string;
  readonly stream: string;
  /** identity of the stream: a recreated one has another */
  readonly created: string;
  /** of the last message handled; 0: none yet */
  readonly sequence: number;
  /** `Nats-Msg-Id` of that message; empty when it had none */
  readonly message_id: string;
  /** writer → end of the last cycle it has closed, as of this position */
  readonly closings: Readonly<Record<string, string>>;
  /** `at` of the last event handled; null before the first */
  readonly event_at?: string | null;
}

const positions = (schema: string) => sql.id(schema, 'positions');
/** All columns of a position, for every read and copy: an omitted column would be lost. */
const columns = sql.raw('projection, version, partition, stream, created, sequence, message_id, closings, event_at');

/** Safe for several concurrent processes, unlike `create … if not exists` alone. Durable when it returns. */
export const createPositions = <DB>(db: Kysely<DB>, schema: string): Promise<void> =>
  db.transaction().execute(async (trx) => {
    await sql`set local synchronous_commit = on`.execute(trx);
    await sql`select pg_advisory_xact_lock(hashtextextended(${`crunch-node ${schema}`}, 0))`.execute(trx);
    await sql`create schema if not exists ${sql.id(schema)}`.execute(trx);
    await sql`create table if not exists ${positions(schema)} (
      projection text not null, version integer not null, partition text not null, stream text not null,
      created text not null, sequence bigint not null, message_id text not null, closings json not null, event_at text,
      primary key (projection, partition)
    )`.execute(trx);
    await addEventTime(trx, schema);
  });

/** For a table older than the column. Checked first: altering, even without effect, waits for every reader. */
async function addEventTime(trx: QueryExecutorProvider, schema: string): Promise<void> {
  const { rows } = await sql`select 1 from information_schema.columns
    where table_schema = ${schema} and table_name = 'positions' and column_name = 'event_at'`.execute(trx);
  if (rows.length === 0) await sql`alter table ${positions(schema)} add column event_at text`.execute(trx);
}

export async function readPosition(
  db: QueryExecutorProvider,
  schema: string,
  projection: string,
  partition: string,
): Promise<Position | undefined> {
  const { rows } = await sql<Position>`
    select ${columns} from ${positions(schema)} where projection = ${projection} and partition = ${partition}`.execute(
    db,
  );
  const [row] = rows;
  return row && { ...row, sequence: Number(row.sequence) };
}

/** Inserts the first position of a projection. @returns the current one, since another process may have been faster */
export async function insertPosition(db: QueryExecutorProvider, schema: string, position: Position): Promise<Position> {
  const { projection, version, partition, stream, created, sequence, message_id, closings, event_at } = position;
  await sql`insert into ${positions(schema)}
      (${columns})
    values (${projection}, ${version}, ${partition}, ${stream}, ${created}, ${sequence}, ${message_id},
      ${JSON.stringify(closings)}, ${event_at ?? null})
    on conflict do nothing`.execute(db);
  return (await readPosition(db, schema, projection, partition)) ?? position;
}

/**
 * Compare-and-set: moves the position only if the row is exactly as expected, which also locks it for the rest of the
 * transaction.
 * @returns whether it moved; if not, another process owns it
 */
export async function movePosition(
  db: QueryExecutorProvider,
  schema: string,
  from: Position,
  to: Pick<Position, 'sequence' | 'message_id' | 'closings' | 'event_at'>,
): Promise<boolean> {
  const moved = await sql`update ${positions(schema)}
    set sequence = ${to.sequence}, message_id = ${to.message_id}, closings = ${JSON.stringify(to.closings)},
      event_at = ${to.event_at ?? null}
    where projection = ${from.projection} and version = ${from.version} and partition = ${from.partition}
      and stream = ${from.stream} and created = ${from.created} and sequence = ${from.sequence}
      and message_id = ${from.message_id}`.execute(db);
  return moved.numAffectedRows === 1n;
}

/** Makes the next start read the stream from its beginning. In one transaction with emptying the tables. */
export async function deletePosition(db: QueryExecutorProvider, schema: string, projection: string): Promise<void> {
  await sql`delete from ${positions(schema)} where projection = ${projection}`.execute(db);
}

/**
 * Removes positions from a schema, to be inserted into another one, where their tables move in the same transaction.
 */
export async function takePositions(
  db: QueryExecutorProvider,
  schema: string,
  projections: readonly string[],
): Promise<readonly Position[]> {
  const { rows } = await sql<Position>`delete from ${positions(schema)} where projection = any(${projections})
    returning ${columns}`.execute(db);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}

/**
 * Blocks all writers of rows until the transaction ends: every writer moves its position first. Readers are not
 * blocked.
 */
export async function holdPositions(db: QueryExecutorProvider, schema: string): Promise<void> {
  await sql`select 1 from ${positions(schema)} order by projection, partition for update`.execute(db);
}

/** Every projection's position, for status reports. */
export async function listPositions(db: QueryExecutorProvider, schema: string): Promise<readonly Position[]> {
  const { rows } = await sql<Position>`
    select ${columns} from ${positions(schema)} order by projection, partition`.execute(db);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}
