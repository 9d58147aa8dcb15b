import { setTimeout as delay } from 'node:timers/promises';
import { CrunchError } from '@crunch-node/streams/errors';

export class TookTooLong extends CrunchError {
  override readonly name = 'TookTooLong';
  override readonly code = 'condition_not_met_in_time';
}

export interface Patience {
  readonly deadlineMs?: number;
  readonly everyMs?: number;
  /** called after a time-out, to describe the actual state */
  readonly seen?: () => unknown;
}

/** The type of a result that is there. */
export type Come<T> = Exclude<T, undefined | null | false>;

/**
 * Polls until the result is neither undefined, null nor false.
 * @throws {TookTooLong} after `deadlineMs`: long enough for a noisy machine, since it costs nothing in the normal case
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
