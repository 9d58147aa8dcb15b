import { bufferDays, type Duck, findGaps, sweepFeed } from '@crunch-node/archive';
import { type BackfillJob, type FeedSettings, gridSecondsOf } from '@crunch-node/domain';
import { FencedError, LeaseLost, LogUnavailable, StreamFullError } from '@crunch-node/eventlog';
import type { Logger } from '@crunch-node/service';
import {
  BackfillCompleted,
  BackfillFailed,
  BackfillProgressed,
  BackfillStarted,
  type Instant,
  instantOfMillis,
  millisOf,
} from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import { standingOf } from './commands.ts';
import { fetchPage, type PageRetries, reasonOf } from './fetch-page.ts';
import type { Journal } from './journal.ts';
import { collectNotices } from './notices.ts';
import { liveProviderOf, type ProviderOf } from './provider-of.ts';

export interface JobContext {
  readonly journal: Journal;
  readonly duck: Duck;
  readonly root: string;
  readonly feed: FeedSettings;
  readonly providerOf: ProviderOf;
  readonly patience: PageRetries;
  /** records per page, unless the job sets it */
  readonly pageSize: number;
  /** days are written when they are complete, when this many records wait, or when the last write is this long ago */
  readonly flushRecords: number;
  readonly flushMs: number;
  readonly logger: Logger;
  now(): Instant;
}

/** Gaps listed in an event of a job; the API has the full list. */
const MOST_GAPS = 20;

/** A command or another owner ended the job while it ran. */
class JobEnded extends CrunchError {
  override readonly name = 'JobEnded';
  override readonly code = 'backfill_job_ended';
}

/**
 * Fetches a job's range page by page. Progress is recorded only for what is on disk, so a killed job resumes from its
 * last recorded progress and writes the same files.
 */
export async function runJob(jobId: string, context: JobContext, signal: AbortSignal): Promise<void> {
  const { journal, logger, now } = context;
  try {
    await backfill(jobId, context, signal);
  } catch (error) {
    if (error instanceof JobEnded || signal.aborted) return;
    if (!isTheJobs(error)) throw error;
    logger.warn({ err: error, job: jobId }, 'backfill failed');
    await journal.publish(jobId, (job) =>
      job?.status === 'running'
        ? BackfillFailed.at(now(), { ...standingOf(job), error: reasonOf(error as Error).slice(0, 2_000) })
        : null,
    );
  }
}

/** A fault of the log concerns the service, which reloads; the job continues. */
const isTheJobs = (error: unknown): boolean => !OF_THE_LOG.some((kind) => error instanceof kind);
const OF_THE_LOG = [FencedError, LeaseLost, LogUnavailable, StreamFullError];

async function backfill(jobId: string, context: JobContext, signal: AbortSignal): Promise<void> {
  const { journal, duck, root, patience, now } = context;
  const job = await begin(jobId, context);
  const { feed, attempt } = job;
  const notices = collectNotices(job.notices);
  const provider = liveProviderOf(job, context.feed, context.providerOf, notices.reports);
  await sweepFeed(root, feed);
  const buffer = bufferDays(duck, root);
  const endMs = millisOf(job.end);
  let cursorMs: number | null = millisOf(job.cursor);
  let pages = job.pages_fetched;
  let written = job.records_written;
  let flushedAt = performance.now();

  const noticed = () => (notices.lines().length === 0 ? {} : { notices: notices.lines() });
  const publishWhileRunning = async (event: () => BackfillProgressed | BackfillCompleted): Promise<void> => {
    const published = await journal.publish(jobId, (current) =>
      current?.status === 'running' && current.attempt === attempt ? event() : null,
    );
    if (published === null) throw new JobEnded();
  };

  async function flush(): Promise<void> {
    const held = buffer.held;
    for (const name of await buffer.flush(signal)) notices.add(`${name} could not be read: it was moved aside`);
    written += held;
    flushedAt = performance.now();
  }

  while (cursorMs !== null && cursorMs <= endMs) {
    const from: number = cursorMs;
    const page = await fetchPage(
      provider,
      {
        subjects: [feed.subject],
        kind: feed.kind,
        granularity: feed.granularity,
        startMs: from,
        endMs,
        limit: job.page_size ?? context.pageSize,
      },
      patience,
      (error, tried) =>
        context.logger.warn({ err: error, job: jobId, tried, of: patience.tries }, 'backfill page failed, retrying'),
      signal,
    );
    pages++;
    buffer.add(page.records.filter(({ ts_event }) => ts_event >= from && ts_event <= endMs));
    const { nextStartMs } = page;
    if (nextStartMs !== null && nextStartMs <= from) {
      throw new RangeError(`${provider.name} does not get past ${instantOfMillis(from)}: it names it as the next page`);
    }
    cursorMs = nextStartMs;
    if (cursorMs === null || cursorMs > endMs) break;
    const isDue =
      buffer.days > 1 || buffer.held >= context.flushRecords || performance.now() - flushedAt >= context.flushMs;
    if (!isDue) continue;
    await flush();
    const cursor = instantOfMillis(cursorMs);
    await publishWhileRunning(() =>
      BackfillProgressed.at(now(), {
        job_id: jobId,
        page: pages,
        cursor,
        records_written: written,
        attempt,
        pages_fetched: pages,
        ...noticed(),
      }),
    );
  }
  await flush();
  const lacking = await gapsOf(job, context);
  await publishWhileRunning(() =>
    BackfillCompleted.at(now(), {
      job_id: jobId,
      records_written: written,
      attempt,
      pages_fetched: pages,
      cursor: job.end,
      ...noticed(),
      ...lacking,
    }),
  );
}

/** A job that was running when its service ended resumes without an event. */
async function begin(jobId: string, { journal, now }: JobContext): Promise<BackfillJob> {
  await journal.publish(jobId, (job) =>
    job?.status === 'pending' ? BackfillStarted.at(now(), standingOf(job)) : null,
  );
  const job = journal.job(jobId);
  if (job?.status !== 'running') throw new JobEnded();
  return job;
}

/** Records missing from the archive in the job's range, up to the present. */
async function gapsOf({ feed, start, end }: BackfillJob, { duck, root, now }: JobContext) {
  const stepSeconds = gridSecondsOf(feed);
  const stepMs = (stepSeconds ?? 86_400) * 1000;
  const endMs = Math.min(millisOf(end), millisOf(now()) - stepMs);
  const { gaps, gap_count } = await findGaps(duck, root, {
    feed,
    stepSeconds,
    startMs: millisOf(start),
    endMs,
    most: MOST_GAPS,
  });
  return { gaps: [...gaps], gap_count };
}
