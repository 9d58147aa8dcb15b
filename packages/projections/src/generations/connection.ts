import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from '../database.ts';
import { pgTypes } from '../read-model/pg-types.ts';

/** One connection, for what has to happen on the same one: `COPY` inside a transaction, a lock held over several. */
export interface OneConnection {
  readonly db: Kysely<Database>;
  /** What `db` works on right now. Only for use inside one of its transactions. */
  client(): pg.ClientBase;
  close(): Promise<void>;
}

export interface OneConnectionOptions {
  /** `postgres://…` */
  readonly url: string;
  /** see `ReadModelOptions` */
  readonly asynchronousCommit?: boolean;
  readonly applicationName: string;
  /** the connection broke: what was held by it is gone */
  readonly onLost?: (error: Error) => void;
}

const CONNECT_TIMEOUT_MS = 5_000;

export function openOneConnection(options: OneConnectionOptions): OneConnection {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: 1,
    idleTimeoutMillis: 0, // stays for as long as it lives
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: pgTypes,
    application_name: options.applicationName,
  });
  pool.on('error', (error) => options.onLost?.(error));
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    if (options.asynchronousCommit) client.query('set synchronous_commit = off').catch(() => undefined);
  });
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
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: single }) });
  return {
    db,
    client() {
      if (current === undefined) throw new Error('expected a transaction to be under way on this connection');
      return current;
    },
    close: () => db.destroy(),
  };
}
