import { CrunchError } from '@crunch-node/streams/errors';
import pg from 'pg';
import type { Host, PostgresAddress, TargetSession } from '../address/address.ts';

/** One way to connect to a server of an address. */
export interface Route {
  readonly host: Host;
  /** absent: from the environment */
  readonly ssl?: pg.ClientConfig['ssl'];
}

/** No server of an address is usable now. `sqlState` is that of "unable to connect". */
export class NoServerUsable extends CrunchError {
  override readonly name = 'NoServerUsable';
  override readonly code = 'no_server_usable';
  readonly sqlState = '08001';
  constructor(reasons: readonly string[], cause: unknown) {
    super(`expected a server of the address to be usable, found none: ${reasons.join('; ')}`, { cause });
  }
}

/** Whether there is a choice: most addresses have one server, and accept any session of it. */
export const isChoice = ({ hosts, ssl, target }: PostgresAddress): boolean =>
  hosts.length > 1 || ssl.length > 1 || target !== 'any';

export const routeConfig = ({ host, ssl }: Route): pg.ClientConfig => ({
  ...(host.host !== undefined && { host: host.host }),
  ...(host.port !== undefined && { port: host.port }),
  ...(ssl !== undefined && { ssl }),
});

const PATIENCE_MS = 10_000;
/** The server has no TLS, or requires it: the case for the other entry of `ssl`. Other errors are unrelated to TLS. */
const WANTS_OTHER_TLS = /does not support SSL|no encryption|SSL off|SSL required|TLS connection required/i;

/**
 * The first usable server that suits the address, found by connecting to them in order.
 * @throws {NoServerUsable} or, for a single server, its error
 */
export async function choose(address: PostgresAddress, config: pg.ClientConfig): Promise<Route> {
  const targets: readonly TargetSession[] = address.target === 'prefer-standby' ? ['standby', 'any'] : [address.target];
  const patienceMs = config.connectionTimeoutMillis || PATIENCE_MS;
  const connectionTimeoutMillis = Math.max(500, Math.floor(patienceMs / (address.hosts.length + 1)));
  const errors: Error[] = [];
  const reasons: string[] = [];
  for (const target of targets) {
    for (const host of address.hosts) {
      for (const ssl of address.ssl) {
        const route: Route = { host, ...(ssl !== 'environment' && { ssl }) };
        try {
          const unfit = await unfitness({ ...config, ...routeConfig(route), connectionTimeoutMillis }, target);
          if (unfit === undefined) return route;
          reasons.push(`${nameOf(host)} ${unfit}`);
          break;
        } catch (error) {
          errors.push(error as Error);
          if (address.ssl.length > 1 && WANTS_OTHER_TLS.test((error as Error).message)) continue;
          reasons.push(`${nameOf(host)}: ${(error as Error).message || (error as { code?: string }).code}`);
          break;
        }
      }
    }
  }
  if (address.hosts.length === 1 && errors.length > 0) throw errors.at(-1);
  throw new NoServerUsable([...new Set(reasons)], errors.at(-1));
}

const nameOf = ({ host = 'the default host', port = 5432 }: Host): string => `${host}:${port}`;

/** Why the server of a configuration is not acceptable; undefined: it is. */
async function unfitness(config: pg.ClientConfig, target: TargetSession): Promise<string | undefined> {
  const client = new pg.Client(config);
  client.on('error', () => undefined);
  try {
    await client.connect();
    if (target === 'any') return undefined;
    const { rows } = await client.query<{ standby: boolean; readOnly: boolean }>(
      `select pg_is_in_recovery() as standby,
        pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on' as "readOnly"`,
    );
    const { standby = false, readOnly = false } = rows[0] ?? {};
    const wanted = {
      primary: !standby,
      standby,
      'prefer-standby': standby,
      'read-write': !readOnly,
      'read-only': readOnly,
    };
    if (wanted[target]) return undefined;
    return `is ${standby ? 'a standby' : readOnly ? 'read-only' : 'a primary that takes writes'}, wanted is ${target}`;
  } finally {
    await client.end().catch(() => undefined);
  }
}
