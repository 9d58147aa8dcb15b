import type { LogLookup, Recorded } from '@crunch-node/eventlog';
import { type Instant, instantOfMillis, isInstant, type SignalEvent, signals } from '@crunch-node/streams';

/**
 * Where to begin: with signals published from now on, with all there are, after a known signal, or with the rounds
 * performed at or after a time (a `Date`, or text with six fractional digits as in the signals).
 */
export type Since = 'now' | 'start' | { readonly after: number } | { readonly time: Date | Instant };

export interface Start {
  /** sequence after which to read */
  readonly after: number;
  /** rounds performed before are omitted */
  readonly from: Instant | null;
  /** end of the last cycle closed before the start; null when there is none */
  readonly closed: Instant | null;
}

/** @throws {RangeError} for a value that is no position in a stream */
export async function startOf(log: LogLookup, since: Since): Promise<Start> {
  if (since === 'start') return { after: 0, from: null, closed: null };
  const { firstSequence, lastSequence } = await log.info(signals);
  if (since !== 'now' && 'time' in since) {
    const from = instantIn(since.time);
    const closing = await lastClosing(log, firstSequence, lastSequence, ({ event }) => event.data.end < from);
    return { after: closing?.sequence ?? 0, from, closed: closing?.event.data.end ?? null };
  }
  const after = since === 'now' ? lastSequence : since.after;
  if (!Number.isSafeInteger(after) || after < 0) {
    throw new RangeError(`expected since.after to be the sequence of a signal, received ${after}`);
  }
  const closing = await lastClosing(log, firstSequence, after, ({ sequence }) => sequence <= after);
  return { after, from: null, closed: closing?.event.data.end ?? null };
}

type CycleClosed = Recorded<Extract<SignalEvent, { type: 'CycleClosed' }>>;

/** The last accepted closing up to a sequence, found by binary search. */
async function lastClosing(
  log: LogLookup,
  first: number,
  last: number,
  accepts: (closing: CycleClosed) => boolean,
): Promise<CycleClosed | null> {
  let found: CycleClosed | null = null;
  for (let [low, high] = [first, last]; low <= high; ) {
    const middle = Math.floor((low + high) / 2);
    const next = (await log.next(signals, signals.closingSubject(), middle)) as CycleClosed | null;
    if (next !== null && accepts(next)) {
      found = next;
      low = next.sequence + 1;
    } else high = middle - 1;
  }
  return found;
}

function instantIn(time: Date | Instant): Instant {
  if (typeof time === 'string' && isInstant(time)) return time;
  if (time instanceof Date && !Number.isNaN(time.getTime())) return instantOfMillis(time.getTime());
  throw new RangeError(
    `expected since.time to be a Date or 2024-01-01T00:00:00.000000Z, received ${JSON.stringify(time)}`,
  );
}
