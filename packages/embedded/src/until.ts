import { setTimeout as delay } from 'node:timers/promises';

export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

export interface Patience {
  readonly deadlineMs?: number;
  readonly everyMs?: number;
  /** asked when it took too long: what there is instead */
  readonly seen?: () => unknown;
}

/** What an answer is once it has come. */
export type Come<T> = Exclude<T, undefined | null | false>;

/**
 * Asks again and again until the answer is neither undefined, null nor false.
 * @throws {TookTooLong} after `deadlineMs`: long enough for a noisy machine, so that nothing waits for it when all is well
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  { deadlineMs = 30_000, everyMs = 10, seen }: Patience = {},
): Promise<Come<T>> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer as Come<T>;
    if (performance.now() > end) {
      const instead = seen === undefined ? '' : `, received ${JSON.stringify(seen())}`;
      throw new TookTooLong(`expected ${what} within ${deadlineMs} ms${instead}`);
    }
    await delay(everyMs);
  }
}
