import type { LiveProvider } from '../provider.ts';

/** A competition without a feed: cycles close by the clock, rounds come by command. */
export const noFeed = (): LiveProvider => ({
  pace: 'live',
  name: 'none',
  source: 'none',
  list: async () => [],
  fetch: async ({ subjects }) => subjects.map((subject) => ({ subject, records: [], nextStartMs: null })),
  listen: (_request, _sink, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    }),
});
