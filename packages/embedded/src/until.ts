import { setTimeout as delay } from 'node:timers/promises';

export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

/** Asks again and again until the answer is neither undefined nor false. @throws {TookTooLong} after `deadlineMs` */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  { deadlineMs, everyMs = 10 }: { deadlineMs: number; everyMs?: number },
): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (performance.now() > end) throw new TookTooLong(`expected ${what} within ${deadlineMs} ms`);
    await delay(everyMs);
  }
}
