import { WebSocket } from 'ws';

export interface SocketEvents {
  opened(): void;
  /** text of a frame */
  message(text: string): void;
}

/** How a connection ended. */
export interface SocketEnd {
  readonly reason: string;
  readonly opened: boolean;
  /** status of a refused upgrade to a WebSocket */
  readonly status?: number;
  /** what came with it as `Retry-After`, seconds */
  readonly retryAfterSeconds?: number;
}

const HANDSHAKE_MS = 10_000;
/** Far above any message there is; a larger one ends the connection rather than the process. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/**
 * One connection from beginning to end. Pings are answered by the client library; a connection on which nothing
 * comes, not even a ping, is dead though nobody closed it. Never rejects.
 */
export function runSocket(url: string, idleMs: number, events: SocketEvents, signal: AbortSignal): Promise<SocketEnd> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { handshakeTimeout: HANDSHAKE_MS, maxPayload: MAX_FRAME_BYTES });
    let end: Omit<SocketEnd, 'opened'> | undefined;
    let opened = false;
    let idle: NodeJS.Timeout | undefined;
    const giveUp = (reason: string): void => {
      end ??= { reason };
      socket.terminate();
    };
    const heard = (): void => {
      clearTimeout(idle);
      idle = setTimeout(() => giveUp(`nothing heard for ${idleMs / 1000} s`), idleMs);
    };
    const abort = (): void => giveUp('stopped');
    signal.addEventListener('abort', abort, { once: true });

    socket.on('open', () => {
      opened = true;
      heard();
      events.opened();
    });
    socket.on('ping', heard);
    socket.on('message', (data) => {
      heard();
      events.message(String(data));
    });
    socket.on('unexpected-response', (request, response) => {
      const retryAfterSeconds = Number(response.headers['retry-after'] ?? Number.NaN);
      end ??= {
        reason: `the server answered ${response.statusCode}`,
        status: response.statusCode ?? 0,
        ...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds }),
      };
      request.destroy();
      socket.terminate();
    });
    socket.on('error', (error) => {
      end ??= { reason: error.message };
    });
    socket.on('close', (code) => {
      clearTimeout(idle);
      signal.removeEventListener('abort', abort);
      resolve({ ...(end ?? { reason: `the server closed the connection (${code})` }), opened });
    });
    if (signal.aborted) abort();
  });
}
