import { createPool, postgresDialect } from '@crunch-node/postgres';
import { Kysely } from 'kysely';
import type pg from 'pg';
import type { Database } from '../database.ts';
import { pgTypes } from '../read-model/pg-types.ts';

/** One connection, for work that must not change it: `COPY` inside a transaction, a lock held by one. */
export interface OneConnection {
  readonly db: Kysely<Database>;
  /** The connection `db` uses right now. Only for use inside one of its transactions. */
  client(): pg.ClientBase;
  close(): Promise<void>;
}

export interface OneConnectionOptions {
  /** an address as `parseAddress` reads it */
  readonly url: string;
  /** see `ReadModelOptions` */
  readonly asynchronousCommit?: boolean;
  readonly applicationName: string;
  /** the connection broke, and its locks are released */
  readonly onLost?: (error: Error) => void;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** @throws {BadPostgresAddress} */
export function openOneConnection(options: OneConnectionOptions): OneConnection {
  const pool = createPool(options.url, {
    applicationName: options.applicationName,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    max: 1,
    idleTimeoutMs: 0, // stays for as long as it lives
    types: pgTypes,
  });
  // Also while it is in use: a transaction that only holds a lock sends no query that would fail.
  pool.on('connect', (client) => client.on('error', (error) => options.onLost?.(error)));
  let current: pg.PoolClient | undefined;
  const single = {
    async connect() {
      current = await new Promise<pg.PoolClient>((resolve, reject) => {
        pool.connect((error, client) => (client === undefined ? reject(error) : resolve(client)));
      });
      return current;
    },
    end: () => pool.end(),
  };
  const db = new Kysely<Database>({
    dialect: postgresDialect(single, { local: { ...(options.asynchronousCommit && { synchronous_commit: 'off' }) } }),
  });
  return {
    db,
    client() {
      if (current === undefined) throw new Error('expected a transaction to be under way on this connection');
      return current;
    },
    close: () => db.destroy(),
  };
}
