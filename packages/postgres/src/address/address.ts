import { isIPv6 } from 'node:net';
import type pg from 'pg';
import { parse, toClientConfig } from 'pg-connection-string';
import { BadPostgresAddress, masked } from './bad-address.ts';
import { type AddressParts, type HostPart, NotAnAddress, partsOf } from './parts.ts';

const TARGETS = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const;
/** The acceptable kinds of server; see `target_session_attrs` of `libpq`. */
export type TargetSession = (typeof TARGETS)[number];

/** absent: from the environment (`PGHOST`, `PGPORT`) or the default */
export interface Host {
  readonly host?: string;
  readonly port?: number;
}

export interface PostgresAddress {
  /** in the order of attempts, at least one */
  readonly hosts: readonly Host[];
  readonly target: TargetSession;
  /** TLS options tried with each host, in order; usually one */
  readonly ssl: readonly (pg.ClientConfig['ssl'] | 'environment')[];
  readonly connectTimeoutMs?: number;
  /** the other options of `pg` */
  readonly config: pg.ClientConfig;
  /** for people: without the password */
  readonly shown: string;
}

/**
 * Parses an address of Postgres in any common form: URLs, several hosts, sockets, passwords that are not
 * percent-encoded, `key=value`.
 * @param where named in the error: the variable or option the address came from
 * @throws {BadPostgresAddress}
 */
export function parseAddress(text: string, where?: string): PostgresAddress {
  const bare = text
    .trim()
    .replace(/^(['"])(.*)\1$/s, '$2')
    .trim();
  try {
    return addressOf(partsOf(bare), masked(bare));
  } catch (error) {
    if (error instanceof NotAnAddress) throw new BadPostgresAddress(error.message, bare, where);
    throw error;
  }
}

/** Parameters that are handled here, or only concern other programs. */
const OURS = ['target_session_attrs', 'connect_timeout', 'sslmode', 'uselibpqcompat', 'sslrootcert'];

function addressOf({ hosts, parameters, ...who }: AddressParts, shown: string): PostgresAddress {
  const target = parameters.get('target_session_attrs') ?? 'any';
  if (!isTarget(target)) {
    throw new NotAnAddress(`expected target_session_attrs to be ${TARGETS.join(', ')}, received ${target}`);
  }
  const seconds = parameters.get('connect_timeout');
  if (seconds !== undefined && !/^\d+$/.test(seconds)) {
    throw new NotAnAddress(`expected connect_timeout to be whole seconds, received ${seconds}`);
  }
  const { ssl, more } = tlsOf(parameters);
  return {
    hosts: hosts.map(hostOf),
    target,
    ssl,
    ...(seconds !== undefined && Number(seconds) > 0 && { connectTimeoutMs: Number(seconds) * 1000 }),
    config: { ...more, ...who },
    shown,
  };
}

const isTarget = (text: string): text is TargetSession => (TARGETS as readonly string[]).includes(text);

function hostOf({ host, port }: HostPart): Host {
  const number = Number(port ?? 1);
  if (!/^\d+$/.test(port ?? '1') || number < 1 || number > 65_535)
    throw new NotAnAddress(`expected a port from 1 to 65535 behind a host, received something else`);
  if (host?.includes(':') && !host.startsWith('/') && !isIPv6(host.replace(/%.*/, '')))
    throw new NotAnAddress('expected an IPv6 address in brackets, such as [::1]:5432');
  return { ...(host !== undefined && { host }), ...(port !== undefined && { port: number }) };
}

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];
/** Parameters passed to `pg`; the rest is for other programs (`pgbouncer=true`, `schema`) and has no effect. */
const TAKEN = [
  'sslnegotiation',
  'options',
  'client_encoding',
  'replication',
  'application_name',
  'fallback_application_name',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'query_timeout',
] as const;

/**
 * TLS with the rules of `pg`: `require` and `verify-ca` check the certificate as `verify-full` does, unless
 * `uselibpqcompat=true` is set. `prefer` and `allow` do without TLS if a server has none.
 */
function tlsOf(parameters: ReadonlyMap<string, string>): Pick<PostgresAddress, 'ssl'> & { more: pg.ClientConfig } {
  const mode = parameters.get('sslmode')?.toLowerCase();
  if (mode !== undefined && !SSL_MODES.includes(mode))
    throw new NotAnAddress(`expected sslmode to be ${SSL_MODES.join(', ')}, received ${mode}`);
  const compatible = parameters.get('uselibpqcompat') === 'true';
  const query = new URLSearchParams([...parameters].filter(([name]) => !OURS.includes(name)));
  const isStrict = !compatible && mode !== undefined && !['disable', 'no-verify'].includes(mode);
  if (mode !== undefined) query.set('sslmode', isStrict || mode === 'allow' ? 'verify-full' : mode);
  if (compatible) query.set('uselibpqcompat', 'true');
  const root = parameters.get('sslrootcert');
  if (root !== undefined && root !== 'system') query.set('sslrootcert', root);
  let parsed: pg.ClientConfig & Record<string, unknown>;
  try {
    parsed = toClientConfig(parse(`postgres://base/?${query}`)) as typeof parsed;
  } catch (error) {
    const { code, path, message } = error as NodeJS.ErrnoException;
    throw new NotAnAddress(
      code !== undefined && path !== undefined ? `the certificate file ${path} cannot be read (${code})` : message,
    );
  }
  const more = Object.fromEntries(TAKEN.flatMap((name) => (parsed[name] === undefined ? [] : [[name, parsed[name]]])));
  const { ssl = 'environment' as const } = parsed;
  const given = typeof ssl === 'object' ? { ...ssl } : ssl;
  if (mode === 'prefer') return { ssl: [given, false], more };
  if (mode === 'allow') return { ssl: [false, given], more };
  return { ssl: [given], more };
}
