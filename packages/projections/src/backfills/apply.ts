import type { BackfillEvent } from '@crunch-node/streams';
import type { Placed } from '../closings.ts';
import type { BackfillJobRow, BackfillStepRow } from './tables.ts';

interface Rows {
  readonly backfill_jobs?: readonly BackfillJobRow[];
  readonly backfill_steps?: readonly BackfillStepRow[];
}

export function rowsOf({ event, sequence }: Placed<BackfillEvent>): Rows {
  if (event.type === 'BackfillRequested') {
    const { job_id, feed, start, end, page_size = null } = event.data;
    const { source, subject, kind, granularity } = feed;
    const dimensions = { source, subject, kind, granularity };
    return {
      backfill_jobs: [
        {
          job_id,
          ...dimensions,
          start_ts: start,
          end_ts: end,
          page_size,
          created_at: event.at,
          log_sequence: sequence,
        },
      ],
    };
  }
  const { job_id, attempt = 1, cursor = null, pages_fetched = null, records_written = null, notices = [] } = event.data;
  const step = (status: BackfillStepRow['status'], more: Partial<BackfillStepRow> = {}): Rows => ({
    backfill_steps: [
      {
        job_id,
        log_sequence: sequence,
        status,
        begins: false,
        attempt,
        cursor_ts: cursor,
        pages_fetched,
        records_written,
        error: null,
        notices,
        gaps: [],
        gap_count: 0,
        at: event.at,
        ...more,
      },
    ],
  });
  switch (event.type) {
    case 'BackfillStarted':
      return step('running', { begins: true });
    case 'BackfillProgressed':
      return step('running');
    case 'BackfillCompleted': {
      const { gaps = [], gap_count = gaps.length } = event.data;
      return step('completed', { gaps, gap_count });
    }
    case 'BackfillFailed':
      return step('failed', { error: event.data.error });
    case 'BackfillCancelled':
      return step('cancelled');
    case 'BackfillRetried':
      return step('pending');
  }
}
