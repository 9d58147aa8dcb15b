/** Spans of time as charts request them, so that equal requests within a minute share one response. */
import type { RecordedSpan } from '@crunch-node/projections';
import { type Instant, instantOfMicros, microsOf, secondsBetween } from '@crunch-node/streams';

/** Bounds of a span, both inclusive; undefined: not requested. */
export interface Span {
  readonly start?: Instant | undefined;
  readonly end?: Instant | undefined;
}

const MINUTE_MICROS = 6e7;
const WEEK_SECONDS = 7 * 24 * 3_600;

/**
 * The same rows by other bounds: an end that nothing has reached yet is the end of its minute, a start before everything
 * recorded is the first of it. Of a week or more that begins amid what is recorded, the start is the next full minute.
 */
export function sharedSpan({ start, end }: Span, recorded: RecordedSpan | null): Span {
  if (recorded === null) return { start, end };
  const last = end !== undefined && end > recorded.last ? minuteAfter(end) : end;
  return { start: start === undefined ? undefined : sharedStart(start, last ?? recorded.last, recorded), end: last };
}

function sharedStart(start: Instant, end: Instant, { first }: RecordedSpan): Instant {
  if (start <= first) return first < end ? first : start;
  return start < end && secondsBetween(start, end) >= WEEK_SECONDS ? minuteAfter(start) : start;
}

const minuteAfter = (instant: Instant): Instant =>
  instantOfMicros(Math.ceil(microsOf(instant) / MINUTE_MICROS) * MINUTE_MICROS);
