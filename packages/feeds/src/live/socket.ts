import { WebSocket } from 'ws';
import type { ProviderClock } from '../clock.ts';
import { retryAfterMs } from './ask.ts';
import type { ConnectionEnd } from './keep-connected.ts';

export interface SocketContext {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** silence after which a connection counts as dead */
  readonly idleMs: number;
  /** Absent: only the server checks the connection. `text` null: a ping of the protocol. */
  readonly heartbeat?: { readonly everyMs: number; readonly text: string | null };
  readonly clock: ProviderClock;
  /** What ends the feed when the server refuses an upgrade with such a status; null: it may be tried again. */
  fatal(status: number): Error | null;
}

export interface SocketEvents {
  opened(send: (text: string) => void): void;
  /** text of a frame; a promise holds the connection back until it is kept */
  message(text: string): Promise<void> | undefined;
}

const HANDSHAKE_MS = 10_000;
/** Far above any message there is; a larger one ends the connection rather than the process. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/**
 * One connection from beginning to end. The client library answers pings; a connection on which nothing is received,
 * not even a ping or a pong, is dead even if it was never closed. Never rejects.
 */
export function runSocket(context: SocketContext, events: SocketEvents, signal: AbortSignal): Promise<ConnectionEnd> {
  const { url, headers = {}, idleMs, heartbeat, clock } = context;
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { headers, handshakeTimeout: HANDSHAKE_MS, maxPayload: MAX_FRAME_BYTES });
    let end: Omit<ConnectionEnd, 'opened'> | undefined;
    let opened = false;
    let idle: NodeJS.Timeout | undefined;
    let beat: NodeJS.Timeout | undefined;
    const giveUp = (reason: string): void => {
      end ??= { reason };
      socket.terminate();
    };
    const markReceived = (): void => {
      clearTimeout(idle);
      idle = setTimeout(() => giveUp(`nothing received for ${idleMs / 1000} s`), idleMs);
    };
    const holdBack = (until: Promise<void>): void => {
      socket.pause();
      clearTimeout(idle);
      until
        .then(() => {
          markReceived();
          socket.resume();
        })
        .catch((error: Error) => giveUp(error.message));
    };
    const abort = (): void => giveUp('stopped');
    signal.addEventListener('abort', abort, { once: true });

    socket.on('open', () => {
      opened = true;
      markReceived();
      events.opened((text) => socket.send(text));
      if (heartbeat === undefined) return;
      const { everyMs, text } = heartbeat;
      beat = setInterval(() => (text === null ? socket.ping() : socket.send(text)), everyMs);
    });
    socket.on('ping', markReceived);
    socket.on('pong', markReceived);
    socket.on('message', (data) => {
      markReceived();
      const held = events.message(String(data));
      if (held !== undefined) holdBack(held);
    });
    socket.on('unexpected-response', (request, { statusCode = 0, headers: answered }) => {
      const pauseMs = retryAfterMs(answered['retry-after'], clock.nowMs());
      const fatal = context.fatal(statusCode);
      end ??= {
        reason: `the server answered ${statusCode}`,
        ...(fatal !== null && { fatal }),
        ...(pauseMs !== undefined && { pauseMs }),
      };
      request.destroy();
      socket.terminate();
    });
    socket.on('error', ({ message }) => {
      end ??= { reason: message };
    });
    socket.on('close', (code) => {
      clearTimeout(idle);
      clearInterval(beat);
      signal.removeEventListener('abort', abort);
      resolve({ ...(end ?? { reason: `the server closed the connection (${code})` }), opened });
    });
    if (signal.aborted) abort();
  });
}
