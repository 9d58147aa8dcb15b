import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  type PostgresDialectConfig,
  PostgresDriver,
  PostgresIntrospector,
  type PostgresPool,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';

/**
 * Settings of this process's own statements. A pooler shares a server connection between many clients, and rejects
 * unknown parameters when a client connects: so settings last for a transaction, never for a connection.
 */
export interface StatementSettings {
  /** `set local` at the beginning of every transaction: name → value, trusted constants */
  readonly local?: Readonly<Record<string, string>>;
  /** Transactions are read-only, and leave nothing behind: their `set` is rolled back. */
  readonly readOnly?: boolean;
  /** A statement outside a transaction is wrapped in one, so that the settings apply to it too. Default false. */
  readonly everyStatement?: boolean;
}

/** The statements that begin a transaction, in one message. */
export function beginning(
  { local = {}, readOnly = false }: StatementSettings,
  settings: TransactionSettings = {},
): string {
  const mode = [
    ...(settings.isolationLevel === undefined ? [] : [`isolation level ${settings.isolationLevel}`]),
    ...(readOnly ? ['read only'] : settings.accessMode === undefined ? [] : [settings.accessMode]),
  ].join(' ');
  const sets = Object.entries(local).map(([name, value]) => `; set local ${name} = ${value}`);
  return `start transaction${mode === '' ? '' : ` ${mode}`}${sets.join('')}`;
}

/** A Kysely dialect of Postgres that leaves its connections unchanged. */
export function postgresDialect(pool: PostgresPool, settings: StatementSettings = {}): Dialect {
  return {
    createDriver: () => new LocalDriver({ pool }, settings),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  };
}

class LocalDriver extends PostgresDriver implements Driver {
  readonly #settings: StatementSettings;
  readonly #wrapped = new WeakMap<object, LocalConnection>();

  constructor(config: PostgresDialectConfig, settings: StatementSettings) {
    super(config);
    this.#settings = settings;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    const known = this.#wrapped.get(connection);
    if (known !== undefined) return known;
    const wrapped = new LocalConnection(connection, this.#settings);
    this.#wrapped.set(connection, wrapped);
    return wrapped;
  }

  override async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    await local(connection).begin(settings);
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await local(connection).end(this.#settings.readOnly ? 'rollback' : 'commit');
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await local(connection).end('rollback');
  }

  override async releaseConnection(connection: DatabaseConnection): Promise<void> {
    await super.releaseConnection(local(connection).inner as Parameters<PostgresDriver['releaseConnection']>[0]);
  }
}

const local = (connection: DatabaseConnection): LocalConnection => connection as LocalConnection;

class LocalConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly #settings: StatementSettings;
  #isInTransaction = false;

  constructor(inner: DatabaseConnection, settings: StatementSettings) {
    this.inner = inner;
    this.#settings = settings;
  }

  async begin(settings: TransactionSettings): Promise<void> {
    try {
      await this.inner.executeQuery(CompiledQuery.raw(beginning(this.#settings, settings)));
    } catch (error) {
      await this.end('rollback').catch(() => undefined); // on a broken connection the first error is the one to report
      throw error;
    }
    this.#isInTransaction = true;
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    this.#isInTransaction = false;
    await this.inner.executeQuery(CompiledQuery.raw(how));
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#isInTransaction || this.#settings.everyStatement !== true) return this.inner.executeQuery<R>(query);
    let result: QueryResult<R>;
    try {
      await this.begin({});
      result = await this.inner.executeQuery<R>(query);
    } catch (error) {
      await this.end('rollback').catch(() => undefined); // on a broken connection the first error is the one to report
      throw error;
    }
    await this.end(this.#settings.readOnly ? 'rollback' : 'commit');
    return result;
  }

  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    return this.inner.streamQuery<R>(query, chunkSize);
  }
}
