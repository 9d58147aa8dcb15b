import { createPool, postgresDialect } from '@crunch-node/postgres';
import { Kysely } from 'kysely';
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
  /** an address as `parseAddress` reads it */
  readonly url: string;
  /** `namespaceOf(…).schema` */
  readonly schema: string;
  /** default 10 */
  readonly connections?: number;
  /** default 5,000: then a Postgres that is away is noticed, and tried again */
  readonly connectTimeoutMs?: number;
  /** after which Postgres cancels a query; default never */
  readonly statementTimeoutMs?: number;
  /**
   * Commits need not be on disk when they return. For a writer whose rows and position move together this loses
   * nothing: a Postgres that crashes goes back to an earlier position, and the rest is read again from the log.
   * Default false.
   */
  readonly asynchronousCommit?: boolean;
  /** Statements cannot write, and SQL that names no schema finds the views, then the tables. Default false. */
  readonly readOnly?: boolean;
  /** shown in `pg_stat_activity` */
  readonly applicationName?: string;
}

/**
 * Connects when first used, so it can be opened while Postgres is away. The options hold inside transactions and nowhere
 * else, so that a pooler can lend connections: with a time limit or read-only, every statement is in one.
 * @throws {BadPostgresAddress}
 */
export function openReadModel(options: ReadModelOptions): ReadModel {
  const { schema, readOnly = false, statementTimeoutMs, asynchronousCommit = false } = options;
  const pool = createPool(options.url, {
    applicationName: options.applicationName ?? 'crunch-node',
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    max: options.connections ?? 10,
    types: pgTypes,
  });
  const dialect = postgresDialect(pool, {
    readOnly,
    everyStatement: readOnly || statementTimeoutMs !== undefined,
    local: {
      ...(statementTimeoutMs !== undefined && { statement_timeout: String(statementTimeoutMs) }),
      ...(readOnly && { search_path: `"${viewsSchemaOf(schema)}", "${schema}"` }),
      ...(asynchronousCommit && { synchronous_commit: 'off' }),
    },
  });
  const root = new Kysely<Database>({ dialect });
  return { db: root.withSchema(schema), schema, close: () => root.destroy() };
}
