import { WebSocket } from 'ws';
import type { ConnectionEnd } from '../../live/keep-connected.ts';
import { FeedUnusable } from '../../rows/index.ts';
import { filled } from '../rest/template.ts';
import type { SocketSettings } from './settings.ts';

export interface ConnectionEvents {
  opened(): void;
  /** a promise holds the connection back until it is kept */
  message(text: string): Promise<void> | undefined;
}

const HANDSHAKE_MS = 10_000;
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

const insideJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** One connection from beginning to end. On which nothing comes for too long is dead though nobody closed it. */
export function runConnection(
  settings: SocketSettings,
  subjects: readonly string[],
  events: ConnectionEvents,
  signal: AbortSignal,
): Promise<ConnectionEnd> {
  const places = (subject: string) => ({ subject, subject_lower: subject.toLowerCase(), api_key: settings.apiKey });
  const { subscribe, idleMs, heartbeat, heartbeatMs } = settings;
  return new Promise((resolve) => {
    const socket = new WebSocket(filled(settings.url, places(subjects[0] ?? ''), encodeURIComponent), {
      headers: { ...settings.headers },
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_FRAME_BYTES,
    });
    let end: Omit<ConnectionEnd, 'opened'> | undefined;
    let opened = false;
    let idle: NodeJS.Timeout | undefined;
    let beat: NodeJS.Timeout | undefined;
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
      if (subscribe !== null) {
        const messages = subjects.map((subject) => filled(subscribe, places(subject), insideJson));
        for (const message of new Set(messages)) socket.send(message);
      }
      // A ping of the protocol is answered by every server, a heartbeat of its own is what some want besides.
      beat = setInterval(() => (heartbeat === null ? socket.ping() : socket.send(heartbeat)), heartbeatMs);
    });
    socket.on('ping', heard);
    socket.on('pong', heard);
    socket.on('message', (data) => {
      heard();
      const held = events.message(String(data));
      if (held === undefined) return;
      socket.pause();
      clearTimeout(idle);
      held
        .then(() => {
          heard();
          socket.resume();
        })
        .catch((error: Error) => giveUp(error.message));
    });
    socket.on('unexpected-response', (request, { statusCode = 0, headers }) => {
      const seconds = Number(headers['retry-after'] ?? Number.NaN);
      const reason = `the server answered ${statusCode}`;
      const isFinal = [401, 403, 404, 451].includes(statusCode);
      end ??= {
        reason,
        ...(isFinal && {
          fatal: new FeedUnusable(`websocket: ${reason} at ${settings.url}: check url, api_key, headers`),
        }),
        ...(Number.isFinite(seconds) && { pauseMs: seconds * 1000 }),
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
