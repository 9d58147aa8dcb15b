import { createHash } from 'node:crypto';
import { type QueryExecutorProvider, sql } from 'kysely';
import { grant, grantsOn } from './grants.ts';

export const versionOfView = (select: string): string => createHash('sha256').update(select).digest('hex');

/** Postgres replaces a view in place only when its columns stay. */
const OTHER_COLUMNS = '42P16';

/** Creates one of our views, or replaces it under the same name with its grants kept. */
export async function replaceView(
  db: QueryExecutorProvider,
  schema: string,
  name: string,
  select: string,
): Promise<void> {
  const id = sql.id(schema, name);
  await sql`savepoint replacing`.execute(db);
  try {
    await sql`create or replace view ${id} as ${sql.raw(select)}`.execute(db);
  } catch (error) {
    if ((error as { code?: string }).code !== OTHER_COLUMNS) throw error;
    await sql`rollback to savepoint replacing`.execute(db);
    const grants = await grantsOn(db, schema, name);
    await sql`drop view ${id}`.execute(db);
    await sql`create view ${id} as ${sql.raw(select)}`.execute(db);
    await grant(db, schema, name, grants);
  }
  await sql`comment on view ${id} is ${sql.lit(versionOfView(select))}`.execute(db);
}
