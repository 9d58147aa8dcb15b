import { type BackfillJob, backfillEtaSeconds, backfillPercent, shownFeed } from '@crunch-node/domain';
import { duration } from '../show/duration.ts';
import { count, minute, table } from '../show/text.ts';

const MOST_GAPS = 5;

/** How a job ended, with all a person should know about it. */
export function outcomeOf(job: BackfillJob): string[] {
  const range = `${minute(job.start)} to ${minute(job.end)}`;
  const done = `${count(job.records_written)} records in ${count(job.pages_fetched)} pages`;
  const lines = [`${shownFeed(job.feed)}, ${range}: ${job.status}, ${done}`];
  if (job.error !== null) lines.push(`  ${job.error}`, `  try again: crunch-node backfill retry ${job.job_id}`);
  lines.push(...job.notices.map((notice) => `  ${notice}`));
  if (job.status !== 'completed') return lines;
  if (job.gap_count === 0) return [...lines, '  no gaps'];
  lines.push(`  ${count(job.gap_count)} ${job.gap_count === 1 ? 'gap' : 'gaps'} in the archive:`);
  for (const { start, end, missing } of job.gaps.slice(0, MOST_GAPS)) {
    const how = missing === null ? 'no file' : `${count(missing)} missing`;
    lines.push(`    ${second(start)}${start === end ? '' : ` to ${second(end)}`}: ${how}`);
  }
  if (job.gap_count > MOST_GAPS) lines.push(`    and ${count(job.gap_count - MOST_GAPS)} more`);
  return lines;
}

export const jobTable = (jobs: readonly BackfillJob[]): string =>
  table(
    [
      { title: 'job' },
      { title: 'feed' },
      { title: 'from' },
      { title: 'to' },
      { title: 'state' },
      { title: '%', align: 'right' },
      { title: 'records', align: 'right' },
    ],
    jobs.map((job) => [
      job.job_id,
      shownFeed(job.feed),
      minute(job.start),
      minute(job.end),
      job.status,
      Math.floor(backfillPercent(job)).toString(),
      count(job.records_written),
    ]),
  );

/** For the line of a bar: all jobs of a command as one. */
export function progressOf(jobs: readonly BackfillJob[]): {
  readonly percent: number;
  readonly facts: Readonly<Record<string, string>>;
} {
  const percent = jobs.length === 0 ? 0 : jobs.reduce((sum, job) => sum + backfillPercent(job), 0) / jobs.length;
  const records = jobs.reduce((sum, job) => sum + job.records_written, 0);
  const etas = jobs.map(backfillEtaSeconds).filter((eta) => eta !== null);
  const eta = etas.length === 0 ? '' : `, ${duration(Math.max(...etas))} left`;
  return { percent, facts: { records: count(records), eta } };
}

const second = (instant: string): string => instant.slice(0, 19).replace('T', ' ');
