import { setTimeout as delay } from 'node:timers/promises';

const LIMIT_MS = 60_000;

/** Looks until there is something to see. */
export async function until<T>(look: () => Promise<T | null>): Promise<T> {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > end) throw new Error(`expected it within ${LIMIT_MS} ms`);
    await delay(20);
  }
}
