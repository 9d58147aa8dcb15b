import { type QueryExecutorProvider, sql } from 'kysely';

/** Tables that exist, of those that should. */
export async function existing(
  db: QueryExecutorProvider,
  schema: string,
  tables: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select relname as name from pg_class
    join pg_namespace as space on space.oid = relnamespace
    where space.nspname = ${schema} and relname = any(${tables}) and relkind = 'r' order by 1`.execute(db);
  return rows.map(({ name }) => name);
}
