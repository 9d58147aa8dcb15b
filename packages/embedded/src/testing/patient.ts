import { type Come, type Patience, until as untilWithin } from '../until.ts';

/** Deadlines of tests assume an idle machine; on a busy one they are multiplied by this. */
const BUSY = 5;
const QUIET_MS = 30_000;

/** {@link untilWithin}, with deadlines for a busy machine. @throws {TookTooLong} */
export const until = <T>(
  what: string,
  ask: () => T | Promise<T>,
  { deadlineMs = QUIET_MS, ...patience }: Patience = {},
): Promise<Come<T>> => untilWithin(what, ask, { ...patience, deadlineMs: BUSY * deadlineMs });

/** Polls until the observed value is as expected, and returns it. @throws {TookTooLong} with the last value */
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
