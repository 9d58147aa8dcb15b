import { type QueryExecutorProvider, sql } from 'kysely';
import { deleteRecord, type Generation } from './records.ts';
import { nextSchemaOf, previousSchemaOf } from './schemas.ts';

/** Drops tables, position and record of a generation that is not served. In one transaction, under the schema's lock. */
export async function dropGeneration(
  db: QueryExecutorProvider,
  schema: string,
  { projection, slot, tables }: Pick<Generation, 'projection' | 'slot' | 'tables'>,
): Promise<void> {
  if (slot === 'current')
    throw new Error(`expected a generation that is not read, received the current one of ${projection}`);
  const from = slot === 'next' ? nextSchemaOf(schema) : previousSchemaOf(schema);
  for (const table of tables) {
    await sql`drop table if exists ${sql.id(from, `${table}__again`)}`.execute(db);
    await sql`drop table if exists ${sql.id(from, table)}`.execute(db);
  }
  await sql`delete from ${sql.id(from, 'positions')} where projection = ${projection}`.execute(db);
  await deleteRecord(db, schema, projection, slot);
}
