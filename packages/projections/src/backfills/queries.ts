import type { BackfillJob, BackfillStatus } from '@crunch-node/domain';
import { type Kysely, type SqlBool, sql } from 'kysely';
import type { Database } from '../database.ts';

/** Newest first, each as its last step left it. */
export async function newestBackfills(
  db: Kysely<Database>,
  { id, status, limit }: { readonly id?: string; readonly status?: string | undefined; readonly limit: number },
): Promise<BackfillJob[]> {
  const lastStep = db
    .selectFrom('backfill_steps')
    .selectAll()
    .distinctOn('job_id')
    .orderBy('job_id')
    .orderBy('log_sequence', 'desc')
    .as('step');
  const begun = db
    .selectFrom('backfill_steps')
    .select(['job_id', 'attempt', 'at', 'cursor_ts'])
    .where('begins', '=', true)
    .as('begun');
  const statusNow = sql<BackfillStatus>`coalesce(step.status, 'pending')`;
  let query = db
    .selectFrom('backfill_jobs as job')
    .leftJoin(lastStep, 'step.job_id', 'job.job_id')
    .leftJoin(begun, (join) =>
      join.onRef('begun.job_id', '=', 'job.job_id').onRef('begun.attempt', '=', 'step.attempt'),
    )
    .select([
      'job.job_id',
      'job.source',
      'job.subject',
      'job.kind',
      'job.granularity',
      'job.start_ts',
      'job.end_ts',
      'job.page_size',
      'job.created_at',
      'step.attempt',
      'step.cursor_ts',
      'step.pages_fetched',
      'step.records_written',
      'step.error',
      'step.notices',
      'step.gaps',
      'step.gap_count',
      'step.at as updated_at',
      'begun.at as started_at',
      'begun.cursor_ts as started_cursor',
      statusNow.as('status'),
    ]);
  if (id !== undefined) query = query.where('job.job_id', '=', id);
  if (status !== undefined) query = query.where(sql<SqlBool>`${statusNow} = ${status}`);
  const rows = await query.orderBy('job.created_at', 'desc').orderBy('job.job_id', 'desc').limit(limit).execute();
  return rows.map(({ source, subject, kind, granularity, start_ts, end_ts, cursor_ts, ...row }) => ({
    ...row,
    feed: { source, subject, kind, granularity },
    start: start_ts,
    end: end_ts,
    cursor: cursor_ts ?? start_ts,
    attempt: row.attempt ?? 1,
    pages_fetched: row.pages_fetched ?? 0,
    records_written: row.records_written ?? 0,
    notices: row.notices ?? [],
    gaps: row.gaps ?? [],
    gap_count: row.gap_count ?? 0,
    updated_at: row.updated_at ?? row.created_at,
  }));
}
