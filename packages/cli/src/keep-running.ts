import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from '@crunch-node/streams/backoff';

/** A private server, as far as it has to be kept alive. */
export interface Restartable {
  readonly running: boolean;
  restart(): Promise<void>;
}

const LOOK_EVERY_MS = 500;
const RESTARTS = { firstMs: 500, longestMs: 15_000 };

/**
 * Restarts a private server when it ends by itself (killed, out of memory, disk full), for as long as it takes: its
 * clients wait meanwhile and lose nothing. Returns the way to stop watching, to be called before the server is stopped.
 */
export function keepRunning(name: string, server: Restartable, print: (line: string) => void): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function bringBack(): Promise<void> {
    print(`${name} has ended by itself: starting it again`);
    const backoff = new Backoff(RESTARTS);
    while (!signal.aborted) {
      try {
        await server.restart();
        return print(`${name} is back`);
      } catch (error) {
        const waitMs = backoff.nextMs();
        print(`${name} does not start, trying again in ${waitMs / 1000} s: ${(error as Error).message.split('\n')[0]}`);
        await delay(waitMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async function look(): Promise<void> {
    while (!signal.aborted) {
      await delay(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted && !server.running) await bringBack();
    }
  }

  const looking = look();
  return async () => {
    stopping.abort();
    await looking;
  };
}
