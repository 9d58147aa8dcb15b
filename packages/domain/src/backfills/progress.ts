import { microsOf } from '@crunch-node/streams';
import type { BackfillJob } from './job.ts';

type JobExtent = Pick<
  BackfillJob,
  'status' | 'start' | 'end' | 'cursor' | 'started_at' | 'started_cursor' | 'updated_at'
>;

/** Share of the range that is on disk, 0 to 100. A completed job is complete, also where the feed ended earlier. */
export function backfillPercent({ status, start, end, cursor }: JobExtent): number {
  if (status === 'completed') return 100;
  const whole = microsOf(end) - microsOf(start);
  if (whole <= 0) return 0;
  return Math.min(100, Math.max(0, (100 * (microsOf(cursor) - microsOf(start))) / whole));
}

/** Seconds left, counted from the last progress, at the speed of the current attempt; null while that is unknown. */
export function backfillEtaSeconds({ status, end, cursor, started_at, started_cursor, updated_at }: JobExtent) {
  if (status !== 'running' || started_at === null || started_cursor === null) return null;
  const done = microsOf(cursor) - microsOf(started_cursor);
  if (done <= 0) return null;
  const left = Math.max(0, microsOf(end) - microsOf(cursor));
  return Math.round(((microsOf(updated_at) - microsOf(started_at)) / 1e6) * (left / done));
}
