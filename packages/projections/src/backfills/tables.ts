import type { ArchiveGap } from '@crunch-node/streams';
import { bigint, boolean, integer, json, nullable, oneOf, text, timestamp } from '../columns.ts';
import { defineTable, type RowOf } from '../define-table.ts';

export const backfillJobs = defineTable('backfill_jobs', {
  key: ['job_id'],
  columns: {
    job_id: text,
    source: text,
    subject: text,
    kind: text,
    granularity: text,
    start_ts: timestamp,
    end_ts: timestamp,
    page_size: nullable(integer),
    created_at: timestamp,
    log_sequence: bigint,
  },
  observed: ['log_sequence'],
  indexes: [['created_at']],
});
export type BackfillJobRow = RowOf<typeof backfillJobs>;

/** Events of a job, each step a row: the last one holds its progress. */
export const backfillSteps = defineTable('backfill_steps', {
  key: ['job_id', 'log_sequence'],
  columns: {
    job_id: text,
    log_sequence: bigint,
    status: oneOf('pending', 'running', 'completed', 'failed', 'cancelled'),
    /** it began an attempt: where the speed is measured from */
    begins: boolean,
    attempt: integer,
    cursor_ts: nullable(timestamp),
    pages_fetched: nullable(bigint),
    records_written: nullable(bigint),
    error: nullable(text),
    notices: json<readonly string[]>(),
    gaps: json<readonly ArchiveGap[]>(),
    gap_count: integer,
    at: timestamp,
  },
  observed: ['log_sequence'],
});
export type BackfillStepRow = RowOf<typeof backfillSteps>;
