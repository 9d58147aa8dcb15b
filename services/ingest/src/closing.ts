import type { FeedRecord } from '@crunch-node/domain';
import { type Instant, instantOfMicros, microsOf } from '@crunch-node/streams';

/** A cycle about to be closed: `start` is the end of the one before it, null for the first. */
export interface Bounds {
  readonly start: Instant | null;
  readonly end: Instant;
}

/** The first multiple of the cycle's length at or after an instant: where the cycle that holds it ends. */
export function boundaryAtOrAfter(at: Instant, cycleSeconds: number): Instant {
  const length = cycleSeconds * 1e6;
  return instantOfMicros(Math.ceil(microsOf(at) / length) * length);
}

/** The last multiple of the cycle's length before an instant: the cycle that holds it begins behind it. */
export function boundaryBefore(at: Instant, cycleSeconds: number): Instant {
  const length = cycleSeconds * 1e6;
  return instantOfMicros((Math.ceil(microsOf(at) / length) - 1) * length);
}

export type ReplayStep =
  | { readonly kind: 'record'; readonly record: FeedRecord }
  | { readonly kind: 'closing'; readonly bounds: Bounds }
  /** the record belongs to a cycle that was closed before this run */
  | { readonly kind: 'passed'; readonly record: FeedRecord };

/**
 * Places closings among records in ascending order of `at`: a record precedes the closing of its boundary, a boundary
 * without records before it is not closed, and the end of the data closes what is open. It depends on the last closing
 * alone, so an interrupted run continues exactly like an undisturbed one.
 */
export async function* withClosings(
  records: AsyncIterable<FeedRecord>,
  { closedTo, cycleSeconds }: { readonly closedTo: Instant | null; readonly cycleSeconds: number },
): AsyncIterable<ReplayStep> {
  let start = closedTo;
  let end: Instant | null = null;
  for await (const record of records) {
    if (closedTo !== null && record.at <= closedTo) {
      yield { kind: 'passed', record };
      continue;
    }
    if (end === null || record.at > end) {
      if (end !== null) {
        yield { kind: 'closing', bounds: { start, end } };
        start = end;
      }
      end = boundaryAtOrAfter(record.at, cycleSeconds);
    }
    yield { kind: 'record', record };
  }
  if (end !== null) yield { kind: 'closing', bounds: { start, end } };
}
