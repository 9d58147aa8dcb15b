import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from '@crunch-node/streams/backoff';
import WebSocket from 'ws';
import { encodeReport, type FailureReport, type OrchestratorMessage, readMessage } from './messages.ts';

/** Where facts for the operator go; a pino logger fits. */
export interface PoolLog {
  info(facts: object, text: string): void;
  warn(facts: object, text: string): void;
  error(facts: object, text: string): void;
}

export interface OrchestratorTiming {
  /** first and longest pause before connecting again, of which up to a half is left to chance */
  readonly backOffMs: readonly [number, number];
  /** interval of pings; a connection without a pong before the next one is dropped */
  readonly pingMs: number;
}

export interface OrchestratorOptions {
  /** `ws://` or `wss://`, host and port; the crunch id becomes the path */
  readonly url: string;
  readonly crunchId: string;
  /** sent as `Authorization: Bearer …` */
  readonly bearer?: string | undefined;
  readonly maxMessageBytes: number;
  readonly timing: OrchestratorTiming;
  readonly log: PoolLog;
  readonly onMessage: (message: OrchestratorMessage) => void;
  /** between 0 and 1 */
  readonly random?: () => number;
}

export interface OrchestratorConnection {
  readonly connected: boolean;
  /** Sends the report now, or after the next connect. */
  report(report: FailureReport): void;
  close(): Promise<void>;
}

/**
 * Stays connected to an orchestrator: comes back after every loss, for ever. Models that are connected stay so
 * meanwhile; the `init` after a reconnect puts things straight.
 *
 * @throws {TypeError} for a URL that is not one of a WebSocket
 */
export function connectOrchestrator(options: OrchestratorOptions): OrchestratorConnection {
  const { log, timing, random = Math.random } = options;
  const address = addressOf(options.url, options.crunchId);
  const closing = new AbortController();
  const unsent: string[] = [];
  let socket: WebSocket | null = null;
  let connected = false;
  const [firstMs, longestMs] = timing.backOffMs;
  const backoff = new Backoff({ firstMs, longestMs, jitter: 0.5 }, random);

  /** Resolves when the connection has ended, for whatever reason. */
  function connectOnce(): Promise<string> {
    const headers = options.bearer === undefined ? {} : { authorization: `Bearer ${options.bearer}` };
    const current = new WebSocket(address, {
      headers,
      maxPayload: options.maxMessageBytes,
      perMessageDeflate: false,
      handshakeTimeout: 10_000,
    });
    socket = current;
    let reason = 'closed by the orchestrator';
    let answered = true;
    const heartbeat = setInterval(() => {
      if (!answered) {
        reason = 'no answer to a ping';
        current.terminate();
      } else if (current.readyState === WebSocket.OPEN) {
        answered = false;
        current.ping();
      }
    }, timing.pingMs);
    current.on('pong', () => {
      answered = true;
    });
    current.on('open', () => {
      connected = true;
      log.info({ orchestrator: address }, 'orchestrator connected');
      for (const frame of unsent.splice(0)) current.send(frame);
    });
    current.on('message', (data) => {
      const message = readMessage(data.toString());
      if (message.event === 'init') backoff.reset(); // a server that accepts and hangs up is not hammered
      options.onMessage(message);
    });
    current.on('error', (error) => {
      reason = error.message;
    });
    return new Promise((resolve) => {
      current.on('close', () => {
        clearInterval(heartbeat);
        connected = false;
        socket = null;
        resolve(reason);
      });
    });
  }

  async function stayConnected(): Promise<void> {
    while (!closing.signal.aborted) {
      const reason = await connectOnce();
      if (closing.signal.aborted) return;
      const pauseMs = backoff.nextMs();
      log.warn({ orchestrator: address, reason, retry_ms: pauseMs }, 'orchestrator unreachable');
      await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }
  const ended = stayConnected();

  return {
    get connected() {
      return connected;
    },
    report(report) {
      const frame = encodeReport(report);
      if (socket?.readyState === WebSocket.OPEN) socket.send(frame);
      else unsent.push(frame);
    },
    async close() {
      closing.abort();
      if (socket?.readyState === WebSocket.OPEN) {
        socket.close(1000);
        const stuck = setTimeout(() => socket?.terminate(), 1_000);
        await ended;
        clearTimeout(stuck);
      } else {
        socket?.terminate();
        await ended;
      }
    },
  };
}

function addressOf(url: string, crunchId: string): string {
  const { protocol, host, pathname } = new URL(url);
  if (protocol !== 'ws:' && protocol !== 'wss:') {
    throw new TypeError(`expected the orchestrator's URL to begin with ws:// or wss://, received ${url}`);
  }
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}/${encodeURIComponent(crunchId)}`;
}
