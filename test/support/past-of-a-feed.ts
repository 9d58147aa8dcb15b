/** A provider that has every minute of the past, and gives out its pages only as fast as a test lets it. */
import type { LiveProvider } from '@crunch-node/feeds';
import { instantOfMillis } from '@crunch-node/streams';

export interface PastOfAFeed extends LiveProvider {
  /** lets that many more pages go */
  release(pages: number): void;
}

const MINUTE_MS = 60_000;

export function pastOfAFeed(source: string): PastOfAFeed {
  let free = 0;
  let wake: () => void = () => undefined;
  return {
    pace: 'live',
    name: source,
    source,
    list: async () => [],
    history: () => null,
    release(pages) {
      free += pages;
      wake();
    },
    async fetch({ subjects: [subject = ''], kind, granularity, startMs, endMs, limit }, signal) {
      while (free === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal?.addEventListener('abort', () => resolve(), { once: true });
        });
        signal?.throwIfAborted();
      }
      free--;
      const count = Math.min(limit, Math.floor((endMs - startMs) / MINUTE_MS) + 1);
      const records = Array.from({ length: count }, (_, i) => {
        const ts_event = startMs + i * MINUTE_MS;
        const values = { open: 1, high: 2, low: 1, close: 1.5, volume: 1 };
        return { source, subject, kind, granularity, ts_event, at: instantOfMillis(ts_event + MINUTE_MS), values };
      });
      const nextStartMs = startMs + count * MINUTE_MS;
      return [{ subject, records, nextStartMs: nextStartMs > endMs ? null : nextStartMs }];
    },
    listen: async () => undefined,
  };
}
