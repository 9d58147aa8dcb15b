import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from '@crunch-node/streams/backoff';
import { isReadModelAway } from './plugins/http/errors.ts';

const FIRST_LOOK_MS = 10;
const LAST_PAUSE_MS = 250;

/**
 * Polls the read model until it shows the requested state or time is up: projections follow the log by milliseconds,
 * cycles close by seconds.
 * @returns the last result
 */
export async function whenCaughtUp<T>(
  look: () => Promise<T>,
  isThere: (found: T) => boolean,
  { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
): Promise<T> {
  const until = performance.now() + waitMs;
  const pauses = new Backoff({ firstMs: FIRST_LOOK_MS, longestMs: LAST_PAUSE_MS, factor: 1.5 });
  for (;;) {
    const isOver = (): boolean => signal.aborted || performance.now() >= until;
    try {
      const found = await look();
      if (isThere(found) || isOver()) return found;
    } catch (error) {
      // The command was carried out: a read model that is away for a moment counts as one that has not caught up.
      if (!isReadModelAway(error) || isOver()) throw error;
    }
    await delay(pauses.nextMs(), undefined, { signal }).catch(() => undefined);
  }
}
