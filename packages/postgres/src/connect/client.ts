import pg from 'pg';
import { type PostgresAddress, parseAddress } from '../address/address.ts';
import { choose, isChoice, routeConfig } from './choose.ts';

/** Parameters of a connection: nothing that a pooler would reject or share with others. */
export interface ConnectionOptions {
  /** shown in `pg_stat_activity`; the address may override it */
  readonly applicationName: string;
  readonly connectTimeoutMs: number;
  /** client-side time limit; the limit of the server is set by `set local statement_timeout` */
  readonly queryTimeoutMs?: number;
  readonly types?: pg.CustomTypesConfig;
}

export interface PoolOptions extends ConnectionOptions {
  readonly max: number;
  readonly idleTimeoutMs?: number;
  /** idle connections do not keep the process alive */
  readonly allowExitOnIdle?: boolean;
}

/** @throws {BadPostgresAddress} at once; an unreachable server is noticed at first use */
export function createPool(address: string | PostgresAddress, options: PoolOptions): pg.Pool {
  const parsed = typeof address === 'string' ? parseAddress(address) : address;
  const config = configOf(parsed, options);
  const pool = new pg.Pool({
    ...config,
    max: options.max,
    ...(options.idleTimeoutMs !== undefined && { idleTimeoutMillis: options.idleTimeoutMs }),
    ...(options.allowExitOnIdle !== undefined && { allowExitOnIdle: options.allowExitOnIdle }),
    ...(isChoice(parsed) && { Client: choosingClient(parsed, config) }),
  } as pg.PoolConfig);
  // A connection that breaks while idle, or between two statements, reports it only by this event. The next user gets
  // the error; without a listener, it would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** A connection of its own, not yet connected. @throws {BadPostgresAddress} */
export function createClient(address: string | PostgresAddress, options: ConnectionOptions): pg.Client {
  const parsed = typeof address === 'string' ? parseAddress(address) : address;
  const config = configOf(parsed, options);
  return isChoice(parsed) ? new (choosingClient(parsed, config))(config) : new pg.Client(config);
}

function configOf(address: PostgresAddress, options: ConnectionOptions): pg.ClientConfig {
  const [host = {}] = address.hosts;
  const [ssl] = address.ssl;
  return {
    application_name: options.applicationName,
    ...address.config,
    ...routeConfig({ host, ...(ssl !== 'environment' && { ssl }) }),
    connectionTimeoutMillis: address.connectTimeoutMs ?? options.connectTimeoutMs,
    keepAlive: true,
    ...(options.queryTimeoutMs !== undefined && { query_timeout: options.queryTimeoutMs }),
    ...(options.types !== undefined && { types: options.types }),
  };
}

type Connected = (error: Error | null, client?: pg.Client) => void;
/** The fields to change for another server, which are missing in the published type. */
type Routed = { ssl: unknown; connection: { ssl: unknown } };

/**
 * A client that chooses the server when it connects: `pg` itself supports only one.
 * @param config for connecting; the pool's own copy hides the password from copies of itself
 */
function choosingClient(address: PostgresAddress, config: pg.ClientConfig): typeof pg.Client {
  return class ChoosingClient extends pg.Client {
    // biome-ignore lint/suspicious/noExplicitAny: the two forms `pg` has, by callback (its pool) and by promise
    override connect(callback?: any): any {
      const connected = this.#route().then(() => super.connect());
      if (callback === undefined) return connected;
      connected.then(
        () => (callback as Connected)(null, this),
        (error: Error) => (callback as Connected)(error),
      );
    }

    async #route(): Promise<void> {
      const { host, ssl } = await choose(address, config);
      if (host.host !== undefined) this.host = host.host;
      if (host.port !== undefined) this.port = host.port;
      else if (address.hosts.length > 1) this.port = Number(process.env.PGPORT ?? 5432);
      if (ssl === undefined) return;
      const routed = this as unknown as Routed;
      routed.ssl = ssl;
      routed.connection.ssl = ssl;
    }
  } as typeof pg.Client;
}
