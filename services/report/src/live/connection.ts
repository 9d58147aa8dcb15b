import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { eventFrame, opening } from './frames.ts';
import type { LiveLimits } from './limits.ts';

/** One client that listens. Its unsent events are bounded: a client that is too slow is informed and disconnected. */
export interface Connection {
  readonly stream: Readable;
  readonly signal: AbortSignal;
  /** @returns false when the client was disconnected */
  push(frame: Buffer): boolean;
  /** Resolves when the client has read most of what it was sent, or is gone. */
  taken(): Promise<void>;
  /** Sends a last event, and ends. */
  end(event: string, data: Readonly<Record<string, unknown>>): void;
}

/** The longest time a client may read nothing. */
const STALLED_MS = 30_000;
const LOOK_MS = 20;

export function openConnection(
  reply: FastifyReply,
  { maxBufferedBytes, farewellMs }: Pick<LiveLimits, 'maxBufferedBytes' | 'farewellMs'>,
): Connection {
  const { raw } = reply;
  const gone = new AbortController();
  const stream = new Readable({ read: () => undefined });
  stream.on('error', () => undefined); // the client went away, which `close` reports
  let isOver = false;
  let rest: NodeJS.Timeout | undefined;
  const leave = (): void => {
    isOver = true;
    clearTimeout(rest);
    stream.destroy();
    gone.abort();
  };
  raw.once('close', leave);
  const backlog = (): number => stream.readableLength + raw.writableLength;

  function end(event: string, data: Readonly<Record<string, unknown>>): void {
    if (isOver) return;
    isOver = true;
    stream.push(eventFrame(event, data));
    stream.push(null);
    gone.abort();
    rest = setTimeout(() => raw.destroy(), farewellMs);
    rest.unref();
  }

  const connection: Connection = {
    stream,
    signal: gone.signal,
    push(frame) {
      if (isOver) return false;
      if (backlog() > maxBufferedBytes) {
        end('dropped', { reason: `more than ${maxBufferedBytes} bytes were not taken: come back, and go on` });
        return false;
      }
      stream.push(frame);
      return true;
    },
    async taken() {
      const until = performance.now() + STALLED_MS;
      while (!isOver && backlog() > maxBufferedBytes / 2) {
        if (performance.now() > until) return end('dropped', { reason: 'too little was taken for too long' });
        await delay(LOOK_MS);
      }
    },
    end,
  };
  connection.push(opening);
  return connection;
}
