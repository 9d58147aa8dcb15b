import { setTimeout as delay } from 'node:timers/promises';
import type { Namespace } from '@crunch-node/streams';
import { Backoff } from '@crunch-node/streams/backoff';
import { CrunchError } from '@crunch-node/streams/errors';
import {
  createInbox,
  Empty,
  ErrorCode,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  NatsError,
  type ServerInfo,
} from 'nats';
import { DecodedMessages } from './decoded.ts';
import { LogClosed, LogUnavailable, NotPermitted } from './errors.ts';
import { createOutbox, type Outbox } from './outbox.ts';

/** Status changes of the connection, for logs. */
export interface ConnectionStatus {
  readonly state: 'disconnected' | 'reconnected' | 'closed' | 'error';
  readonly detail: string;
}

/** Connection events that parts of the log listen to. */
export interface ConnectionListener {
  disconnected?(): void;
  reconnected?(): void;
  closed?(): void;
  /** the server refuses publishes to this subject */
  publishDenied?(natsSubject: string): void;
}

/** The connection as used inside this package. Subjects here carry the namespace. */
export interface Connection {
  readonly nc: NatsConnection;
  readonly namespace: Namespace;
  readonly connected: boolean;
  /**
   * A new object for each connection, undefined while there is none. It changes in the same tick in which the client
   * discards its buffer, whereas status events arrive later.
   */
  readonly generation: ServerInfo | undefined;
  /** for messages of publishers */
  readonly outbox: Outbox;
  /** for readers */
  readonly decoded: DecodedMessages;
  /** only single messages may be looked up */
  readonly lookUpOnly: boolean;
  /** Reports a problem that ends nothing. The same text is reported once. */
  warn(warning: Error): void;
  /** A unique subject for replies. */
  inbox(): string;
  listen(listener: ConnectionListener): () => void;
  /** Sends a request once; fails while disconnected. @throws {NatsError} see {@link isTransient} */
  askOnce(natsSubject: string, payload: string | Uint8Array, headers: MsgHdrs, timeoutMs: number): Promise<Msg>;
  /**
   * Retries a request until there is a response; only for requests that are safe to repeat.
   * @param patienceMs default: the connection's
   * @throws {LogUnavailable}
   */
  ask(natsSubject: string, payload?: string, patienceMs?: number): Promise<Msg>;
  /** The same for the JetStream API, with the response as JSON. @throws {ApiFault} {LogUnavailable} */
  api<T>(natsSubject: string, body?: object, patienceMs?: number): Promise<T>;
}

/** A refusal of the JetStream API. */
export class ApiFault extends CrunchError {
  override readonly name = 'ApiFault';
  override readonly code = 'jetstream_refused';
  /** as of HTTP */
  readonly status: number;
  readonly errCode: number;
  constructor(natsSubject: string, { code, err_code = 0, description = '' }: ApiErrorBody) {
    super(`${natsSubject}: ${description} (${err_code || code})`);
    this.status = code;
    this.errCode = err_code;
  }
}

export interface ApiErrorBody {
  readonly code: number;
  readonly err_code?: number;
  readonly description?: string;
}

export const STREAM_NOT_FOUND = 10059;

/** JetStream is disabled: for the account, for the server. */
const NOT_ENABLED: ReadonlySet<number> = new Set([10039, 10076]);

/** Too few servers for the replicas: a server that was just started does not count yet. */
const NO_PEERS = 10005;

/** 503: the server is up, its JetStream or the leader of the stream is not yet. */
const passesOver = ({ status, errCode }: ApiFault): boolean =>
  errCode === NO_PEERS || (status === 503 && !NOT_ENABLED.has(errCode));

const ATTEMPT_MS = 2_000;

export function createConnection(
  nc: NatsConnection,
  namespace: Namespace,
  options: {
    patienceMs: number;
    onStatus?: (status: ConnectionStatus) => void;
    onWarning?: (warning: Error) => void;
    inboxPrefix?: string;
    lookUpOnly?: boolean;
  },
): Connection {
  const listeners = new Set<ConnectionListener>();
  const warned = new Set<string>();
  let connected = true;
  const notify = (call: (listener: ConnectionListener) => void): void => {
    for (const listener of [...listeners]) call(listener);
  };

  async function follow(): Promise<void> {
    for await (const status of nc.status()) {
      const detail = String(status.data ?? '');
      if (status.type === 'disconnect') {
        connected = false;
        options.onStatus?.({ state: 'disconnected', detail });
        notify((listener) => listener.disconnected?.());
      } else if (status.type === 'reconnect') {
        connected = true;
        options.onStatus?.({ state: 'reconnected', detail });
        notify((listener) => listener.reconnected?.());
      } else if (status.type === 'error') {
        options.onStatus?.({ state: 'error', detail });
        const denied = status.permissionContext;
        if (denied?.operation === 'publish') notify((listener) => listener.publishDenied?.(denied.subject));
      }
    }
  }
  void follow();
  void nc.closed().then((error) => {
    connected = false;
    options.onStatus?.({ state: 'closed', detail: error ? error.message : '' });
    notify((listener) => listener.closed?.());
  });

  async function askOnce(
    natsSubject: string,
    payload?: string | Uint8Array,
    headers?: MsgHdrs,
    timeout = ATTEMPT_MS,
  ): Promise<Msg> {
    // The client would buffer a request made while disconnected, and discard it when it connects.
    if (!connected) throw NatsError.errorForCode(ErrorCode.Disconnect);
    let leave = (): void => {};
    const lost = new Promise<never>((_, reject) => {
      const fail = (): void => reject(NatsError.errorForCode(ErrorCode.Disconnect));
      leave = connection.listen({ disconnected: fail, closed: fail });
    });
    const answer = nc.request(natsSubject, payload ?? Empty, { timeout, ...(headers && { headers }) });
    // when the connection is lost first, the failure of the request comes later and has no handler
    answer.catch(() => {});
    try {
      return await Promise.race([answer, lost]);
    } catch (error) {
      const denied = error instanceof NatsError && error.code === ErrorCode.PermissionsViolation;
      throw denied ? new NotPermitted(natsSubject, error) : error;
    } finally {
      leave();
    }
  }

  const connection: Connection = {
    nc,
    namespace,
    outbox: createOutbox(nc),
    decoded: new DecodedMessages(),
    get connected() {
      return connected;
    },
    get generation() {
      return nc.info;
    },
    lookUpOnly: options.lookUpOnly ?? false,
    warn(warning) {
      if (warned.has(warning.message)) return;
      warned.add(warning.message);
      if (options.onWarning === undefined) process.emitWarning(warning);
      else options.onWarning(warning);
    },
    inbox: () => createInbox(options.inboxPrefix),
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    askOnce,
    async ask(natsSubject, payload, patienceMs = options.patienceMs) {
      const begun = performance.now();
      const backoff = new Backoff({ firstMs: 20, longestMs: 500 });
      for (;;) {
        if (nc.isClosed()) throw new LogClosed();
        try {
          return await askOnce(natsSubject, payload);
        } catch (error) {
          if (!isTransient(error)) throw error;
        }
        const waitedMs = Math.round(performance.now() - begun);
        if (waitedMs > patienceMs) throw new LogUnavailable(natsSubject, waitedMs);
        await delay(backoff.nextMs());
      }
    },
    async api<T>(natsSubject: string, body?: object, patienceMs = options.patienceMs) {
      const begun = performance.now();
      for (;;) {
        const answer = await connection.ask(natsSubject, body && JSON.stringify(body), patienceMs);
        const parsed = answer.json<T & { error?: ApiErrorBody }>();
        if (parsed.error === undefined) return parsed;
        const fault = new ApiFault(natsSubject, parsed.error);
        if (!passesOver(fault)) throw fault;
        const waitedMs = Math.round(performance.now() - begun);
        if (waitedMs > patienceMs) throw new LogUnavailable(natsSubject, waitedMs, fault);
        await delay(100);
      }
    },
  };
  return connection;
}

/** No response: no subscriber yet, or the connection was lost during the request. */
export const isTransient = (error: unknown): boolean =>
  error instanceof NatsError &&
  (error.code === ErrorCode.NoResponders || error.code === ErrorCode.Timeout || error.code === ErrorCode.Disconnect);
