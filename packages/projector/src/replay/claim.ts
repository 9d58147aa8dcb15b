import type { OneConnection } from '@crunch-node/projections/generations';
import { sql } from 'kysely';
import { ReplayClaimLost, ReplayRunning } from './faults.ts';

const nameOf = (schema: string): string => `crunch-node replay ${schema}`;

/** A server or pooler may end a transaction that is idle for long. */
const STAY_ALIVE_MS = 10_000;

export interface Claim {
  release(): Promise<void>;
}

/**
 * One replay of a read model at a time. Held by a transaction of its own, which keeps a server connection even behind a
 * pooler in transaction mode; it ends with the process in every case. Between two statements it holds no snapshot, so
 * that vacuum is not blocked.
 * @param onLost the transaction was ended from outside: the claim is gone
 * @throws {ReplayRunning}
 */
export async function claimReplay(
  { db }: OneConnection,
  schema: string,
  onLost: (error: ReplayClaimLost) => void,
): Promise<Claim> {
  const held = await db.startTransaction().execute();
  try {
    await sql`select set_config(name, '0', true) from pg_settings
      where name in ('idle_in_transaction_session_timeout', 'transaction_timeout')`.execute(held);
    const { rows } = await sql<{ claimed: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended(${nameOf(schema)}, 0)) as claimed`.execute(held);
    if (!rows[0]?.claimed) throw new ReplayRunning(await holderOf(held, schema));
  } catch (error) {
    await held.rollback().execute();
    throw error;
  }
  const alive = setInterval(() => {
    sql`select 1`.execute(held).catch((error: unknown) => {
      clearInterval(alive);
      onLost(new ReplayClaimLost(error));
    });
  }, STAY_ALIVE_MS);
  alive.unref();
  return {
    async release() {
      clearInterval(alive);
      await held.rollback().execute();
    },
  };
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
