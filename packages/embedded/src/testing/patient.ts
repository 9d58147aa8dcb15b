import { type Come, type Patience, until as untilWithin } from '../until.ts';

/** Deadlines of tests are those of a machine with nothing else to do; a busy one is given this many times as long. */
const BUSY = 5;
const QUIET_MS = 30_000;

/** {@link untilWithin}, with the patience that a test has on a busy machine. @throws {TookTooLong} */
export const until = <T>(
  what: string,
  ask: () => T | Promise<T>,
  { deadlineMs = QUIET_MS, ...patience }: Patience = {},
): Promise<Come<T>> => untilWithin(what, ask, { ...patience, deadlineMs: BUSY * deadlineMs });

/** Looks again and again until what is seen is as it should be, and answers it. @throws {TookTooLong} with what was seen */
export async function lookUntil<T>(
  look: () => T | Promise<T>,
  isSo: (seen: T) => boolean,
  patience: Omit<Patience, 'seen'> = {},
): Promise<T> {
  let last: { readonly seen: T } | undefined;
  const found = await until(
    'to see something else',
    async () => {
      last = { seen: await look() };
      return isSo(last.seen) && last;
    },
    { ...patience, seen: () => last?.seen },
  );
  return found.seen;
}
