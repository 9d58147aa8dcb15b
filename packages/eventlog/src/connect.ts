import { hostname } from 'node:os';
import { type Namespace, namespaceOf } from '@crunch-node/streams';
import { type ConnectionOptions, connect, credsAuthenticator, type NatsConnection, NatsError } from 'nats';
import type { EventLog } from './capabilities.ts';
import { ApiFault, type Connection, type ConnectionStatus, createConnection } from './connection.ts';
import {
  CannotReach,
  JetStreamOff,
  LogUnavailable,
  PayloadTooSmall,
  ServerTooOld,
  WrongCredentials,
} from './errors.ts';
import { eventLogOn } from './event-log.ts';

import { assertReplicable } from './replicas.ts';
import { isOlder } from './server-version.ts';

export interface ConnectOptions {
  /** `nats://host:4222`, `tls://…`, several separated by commas; may hold `user:password@` or `token@` */
  readonly url: string;
  /** default: none */
  readonly namespace?: Namespace;
  /** client name: in the server's list of connections and as owner of leases; default host and process */
  readonly name?: string;
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  /** text of a credentials file (JWT and seed) */
  readonly creds?: string;
  /** PEM texts, for a private authority or client certificates */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** bytes of the largest event the configuration can produce */
  readonly requiredMaxPayload?: number;
  /** how long a lease outlives its holder, default 5; fractions allowed */
  readonly leaseSeconds?: number;
  /** how long to wait for a connection at start, default 5000 */
  readonly timeoutMs?: number;
  /** how long a request (not an append, not a read) is retried without a response, default 30 000 */
  readonly patienceMs?: number;
  readonly onStatus?: (status: ConnectionStatus) => void;
  /**
   * called once for each problem that ends nothing but should be known ({@link LogFrontGone}); default
   * `process.emitWarning`
   */
  readonly onWarning?: (warning: Error) => void;
  /** replicas of what this connection creates (streams, leases) on a cluster of servers: 1 (the default), 3 or 5 */
  readonly replicas?: number;
  /** prefix of reply subjects, for a user without permission to subscribe to all of `_INBOX.>`; default `_INBOX` */
  readonly inboxPrefix?: string;
  /**
   * For a user of another account with permission for look-ups by sequence only: streams are read without a consumer,
   * and no information about the account or its streams is requested.
   */
  readonly lookUpOnly?: boolean;
}

const MINIMUM_VERSION = '2.9.0';

/**
 * Connects to the log. Afterwards it reconnects without a limit on attempts.
 * @throws {CannotReach} {WrongCredentials} {ServerTooOld} {JetStreamOff} {PayloadTooSmall} {ReplicasUnsafe}
 */
export async function connectLog(options: ConnectOptions): Promise<EventLog> {
  const { servers, shown, user, pass, token } = parseUrl(options.url);
  const name = options.name ?? `${hostname()}:${process.pid}`;
  const nc = await dial(shown, {
    servers,
    name,
    noAsyncTraces: true, // halves the time per publish
    timeout: options.timeoutMs ?? 5_000,
    waitOnFirstConnect: false,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 100,
    ignoreAuthErrorAbort: true, // a server restarted with an old user list may come back with a new one
    pingInterval: 10_000,
    ...credentials({ user, pass, token, ...withoutUndefined(options) }),
    ...(options.tls && { tls: options.tls }),
    ...(options.inboxPrefix !== undefined && { inboxPrefix: options.inboxPrefix }),
  });
  try {
    const connection = createConnection(nc, options.namespace ?? namespaceOf(), {
      patienceMs: options.patienceMs ?? 30_000,
      ...(options.onStatus && { onStatus: options.onStatus }),
      ...(options.onWarning && { onWarning: options.onWarning }),
      ...(options.inboxPrefix !== undefined && { inboxPrefix: options.inboxPrefix }),
      lookUpOnly: options.lookUpOnly ?? false,
    });
    await assertUsable(connection, shown, options.requiredMaxPayload);
    if (options.replicas !== undefined) assertReplicable(connection, options.replicas);
    return eventLogOn(connection, {
      owner: name,
      leaseSeconds: options.leaseSeconds ?? 5,
      ...(options.replicas !== undefined && { replicas: options.replicas }),
    });
  } catch (error) {
    await nc.close();
    throw error;
  }
}

async function dial(url: string, options: ConnectionOptions): Promise<NatsConnection> {
  try {
    return await connect(options);
  } catch (error) {
    if (error instanceof NatsError && error.isAuthError()) throw new WrongCredentials(url, error);
    throw new CannotReach(url, error);
  }
}

async function assertUsable(connection: Connection, url: string, requiredMaxPayload = 0): Promise<void> {
  const info = connection.generation;
  const version = info?.version ?? '0.0.0';
  if (isOlder(version, MINIMUM_VERSION)) throw new ServerTooOld(url, version, MINIMUM_VERSION);
  // A server without JetStream of its own may forward requests to its cluster or to the server it is a leaf node of, so
  // only a response of the API settles it. A user who may only look up messages cannot send the request.
  const isElsewhere = info?.jetstream !== true;
  const patienceMs = isElsewhere ? PATIENCE_ELSEWHERE_MS[info?.cluster === undefined ? 'alone' : 'member'] : undefined;
  try {
    if (!connection.lookUpOnly) await connection.api('$JS.API.INFO', undefined, patienceMs);
  } catch (error) {
    // Refused: enabled in the server, disabled for the account. No response: disabled on every reachable server.
    const isOff = error instanceof ApiFault || (isElsewhere && error instanceof LogUnavailable);
    if (isOff) throw new JetStreamOff(url, error);
    throw error;
  }
  const received = info?.max_payload ?? 0;
  if (received < requiredMaxPayload) throw new PayloadTooSmall(url, requiredMaxPayload, received);
}

/** How long a server without JetStream may take to find one that has it; cluster members may still be starting. */
const PATIENCE_ELSEWHERE_MS = { alone: 1_000, member: 10_000 } as const;

interface Credentials {
  readonly user?: string | undefined;
  readonly pass?: string | undefined;
  readonly token?: string | undefined;
  readonly creds?: string | undefined;
}

function credentials({ user, pass, token, creds }: Credentials): Partial<ConnectionOptions> {
  if (creds !== undefined) return { authenticator: credsAuthenticator(new TextEncoder().encode(creds)) };
  if (token !== undefined) return { token };
  return user === undefined ? {} : { user, ...(pass !== undefined && { pass }) };
}

const withoutUndefined = (options: Credentials): Credentials =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** The client takes hosts and credentials separately; `shown` contains no secret. */
function parseUrl(text: string): Credentials & { servers: string[]; shown: string } {
  let found: Credentials = {};
  const servers = text.split(',').map((part) => {
    const url = new URL(part.includes('://') ? part.trim() : `nats://${part.trim()}`);
    if (url.username !== '') {
      const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
      found = url.password === '' ? { token: user } : { user, pass };
    }
    return `${url.protocol}//${url.host}`;
  });
  return { ...found, servers, shown: servers.join(',') };
}
