import type { OneConnection } from '@crunch-node/projections/generations';
import { sql } from 'kysely';
import { ReplayRunning } from './faults.ts';

const nameOf = (schema: string): string => `crunch-node replay ${schema}`;

/**
 * One replay of a read model at a time. Held by the connection: it ends with the process, however that ends.
 * @throws {ReplayRunning}
 */
export async function claimReplay({ db }: OneConnection, schema: string): Promise<void> {
  const { rows } = await sql<{ claimed: boolean }>`
    select pg_try_advisory_lock(hashtextextended(${nameOf(schema)}, 0)) as claimed`.execute(db);
  if (!rows[0]?.claimed) throw new ReplayRunning(await holderOf(db, schema));
}

async function holderOf(db: OneConnection['db'], schema: string): Promise<string> {
  const { rows } = await sql<{ holder: string }>`
    select format('connected to Postgres since %s, from %s, backend %s',
      date_trunc('seconds', backend_start), coalesce(host(client_addr), 'this host'), pid) as holder
    from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and objsubid = 1 and database = (
        select oid from pg_database where datname = current_database())
      and (classid::bigint << 32) | objid::bigint = hashtextextended(${nameOf(schema)}, 0)`.execute(db);
  return rows[0]?.holder ?? 'it has just ended';
}
