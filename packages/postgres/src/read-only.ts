import { CrunchError } from '@crunch-node/streams/errors';
import { type QueryExecutorProvider, sql } from 'kysely';

/**
 * Postgres is read-only at the moment, with the reason. It is waited out: a standby is promoted, a setting is reverted.
 */
export class PostgresReadOnly extends CrunchError {
  override readonly name = 'PostgresReadOnly';
  override readonly code = 'postgres_read_only';
  readonly sqlState = '25006';
  /** false: it is a primary with a read-only setting */
  readonly isStandby: boolean;
  constructor(reason: string, isStandby: boolean, cause: unknown) {
    super(reason, { cause });
    this.isStandby = isStandby;
  }
}

/** The source of a setting's value, as `pg_settings` names it, for people. */
const SOURCES: Readonly<Record<string, string>> = {
  session:
    'a client that shared the connection through a pooler has left it there: set server_reset_query_always = 1 in the ' +
    'pooler, or find that client',
  client: 'the address or PGOPTIONS sets it',
  user: 'it is set for the user (alter role … reset default_transaction_read_only)',
  database:
    'it is set for the database (alter database … reset default_transaction_read_only); hosted ones do that when the ' +
    'disk is full',
  'database user': 'it is set for the user in this database (alter role … in database … reset …)',
};

/** Distinguishes a standby from a primary with a read-only setting, which no failover will end. */
export async function whyReadOnly(db: QueryExecutorProvider, error: Error): Promise<PostgresReadOnly> {
  const { rows } = await sql<{ standby: boolean; setting: string; source: string }>`
    select pg_is_in_recovery() as standby, setting, source from pg_settings
    where name = 'default_transaction_read_only'`.execute(db);
  const { standby = true, setting = 'off', source = '' } = rows[0] ?? {};
  if (standby) return new PostgresReadOnly('Postgres is a standby, waiting for a primary', true, error);
  const why =
    setting === 'on'
      ? `default_transaction_read_only is on, and ${SOURCES[source] ?? `comes from the ${source}`}`
      : 'the transaction was, and the next may not be';
  return new PostgresReadOnly(`Postgres is a primary where transactions are read-only: ${why}`, false, error);
}
