import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from '../database.ts';
import { pgTypes } from './pg-types.ts';
import { viewsSchemaOf } from './views.ts';

/** The tables of one namespace. `db` finds them without naming the schema. */
export interface ReadModel {
  readonly db: Kysely<Database>;
  readonly schema: string;
  close(): Promise<void>;
}

export interface ReadModelOptions {
  /** `postgres://…` */
  readonly url: string;
  /** `namespaceOf(…).schema` */
  readonly schema: string;
  /** default 10 */
  readonly connections?: number;
  /** default 5,000: a Postgres that is away is noticed, and asked again */
  readonly connectTimeoutMs?: number;
  /** after which Postgres cancels a query; default never */
  readonly statementTimeoutMs?: number;
  /**
   * Commits need not be on disk when they return. For a writer whose rows and position move together this loses
   * nothing: a Postgres that crashes goes back to an earlier position, and the log says the rest again. Default false.
   */
  readonly asynchronousCommit?: boolean;
  /** Statements cannot write, and SQL that names no schema finds the views, then the tables. Default false. */
  readonly readOnly?: boolean;
  /** shown in `pg_stat_activity` */
  readonly applicationName?: string;
}

/** Connects when first used, so it can be opened while Postgres is away. */
export function openReadModel(options: ReadModelOptions): ReadModel {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connections ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    keepAlive: true,
    types: pgTypes,
    application_name: options.applicationName ?? 'crunch-node',
    ...(options.statementTimeoutMs !== undefined && { statement_timeout: options.statementTimeoutMs }),
  });
  // A connection that breaks while idle, or between two statements, says so here and nowhere else. Whoever uses it next
  // gets the error; unheard, it would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    // As a statement, since poolers in between refuse start-up parameters. When it fails, so does what comes next.
    if (options.readOnly) {
      const path = `"${viewsSchemaOf(options.schema)}", "${options.schema}"`;
      client.query(`set default_transaction_read_only = on; set search_path = ${path}`).catch(() => undefined);
    }
    if (options.asynchronousCommit) client.query('set synchronous_commit = off').catch(() => undefined);
  });
  const root = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return { db: root.withSchema(options.schema), schema: options.schema, close: () => root.destroy() };
}
