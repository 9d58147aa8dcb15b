/** The state of a backfill, folded from its events. */
import type { ArchiveGap, BackfillEvent, FeedKey, Instant } from '@crunch-node/streams';

export type BackfillStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled';
export const backfillStatuses: readonly BackfillStatus[] = ['pending', 'running', 'completed', 'failed', 'cancelled'];

export interface BackfillJob {
  readonly job_id: string;
  readonly feed: FeedKey;
  readonly start: Instant;
  readonly end: Instant;
  readonly page_size: number | null;
  readonly status: BackfillStatus;
  readonly attempt: number;
  /** where the next page begins; everything before it is on disk */
  readonly cursor: Instant;
  readonly pages_fetched: number;
  readonly records_written: number;
  readonly error: string | null;
  readonly notices: readonly string[];
  /** of a completed job */
  readonly gaps: readonly ArchiveGap[];
  readonly gap_count: number;
  readonly created_at: Instant;
  readonly updated_at: Instant;
  /** when the attempt at work began, and where */
  readonly started_at: Instant | null;
  readonly started_cursor: Instant | null;
}

export const isActive = ({ status }: Pick<BackfillJob, 'status'>): boolean =>
  status === 'pending' || status === 'running';

/** @param job null before its first event. Events of a job that was never requested change nothing. */
export function foldBackfill(job: BackfillJob | null, event: BackfillEvent): BackfillJob | null {
  if (event.type === 'BackfillRequested') return job ?? requested(event);
  if (job === null) return null;
  const { data } = event;
  const known: BackfillJob = {
    ...job,
    attempt: data.attempt ?? job.attempt,
    cursor: data.cursor ?? job.cursor,
    pages_fetched: data.pages_fetched ?? job.pages_fetched,
    records_written: data.records_written ?? job.records_written,
    notices: data.notices ?? job.notices,
    updated_at: event.at,
  };
  switch (event.type) {
    case 'BackfillStarted':
      return { ...known, status: 'running', error: null, started_at: event.at, started_cursor: known.cursor };
    case 'BackfillProgressed':
      return known;
    case 'BackfillCompleted': {
      const { gaps = [], gap_count = gaps.length } = event.data;
      return { ...known, status: 'completed', gaps, gap_count };
    }
    case 'BackfillFailed':
      return { ...known, status: 'failed', error: event.data.error };
    case 'BackfillCancelled':
      return { ...known, status: 'cancelled' };
    case 'BackfillRetried':
      return { ...known, status: 'pending', error: null, started_at: null, started_cursor: null };
  }
}

const requested = ({ at, data }: Extract<BackfillEvent, { type: 'BackfillRequested' }>): BackfillJob => ({
  job_id: data.job_id,
  feed: data.feed,
  start: data.start,
  end: data.end,
  page_size: data.page_size ?? null,
  status: 'pending',
  attempt: 1,
  cursor: data.start,
  pages_fetched: 0,
  records_written: 0,
  error: null,
  notices: [],
  gaps: [],
  gap_count: 0,
  created_at: at,
  updated_at: at,
  started_at: null,
  started_cursor: null,
});
