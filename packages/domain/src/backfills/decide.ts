/** Which requests for backfills are valid. Refusals carry the HTTP status of the answer. */
import { type FeedKey, feedKeyText, type Instant, isInstant, type Json, type JsonObject } from '@crunch-node/streams';
import { faultOfArchiveName } from './archive-name.ts';
import { type BackfillJob, isActive } from './job.ts';

export interface BackfillRefusal {
  readonly ok: false;
  readonly http_status: 404 | 409 | 422;
  readonly reason: string;
}

export interface BackfillOrder {
  readonly feed: FeedKey;
  readonly start: Instant;
  readonly end: Instant;
  readonly page_size: number | null;
}

const refuse = (http_status: BackfillRefusal['http_status'], reason: string): BackfillRefusal => ({
  ok: false,
  http_status,
  reason,
});

const DIMENSIONS = ['source', 'subject', 'kind', 'granularity'] as const;
const MAX_PAGE_SIZE = 100_000;

/** Whether a body is an order at all: names that may become folders, a range that goes forward. */
export function readBackfillOrder(
  body: JsonObject,
): { readonly ok: true; readonly order: BackfillOrder } | BackfillRefusal {
  const feed: Record<string, string> = {};
  for (const dimension of DIMENSIONS) {
    const value = body[dimension];
    const fault = faultOfArchiveName(value);
    if (fault !== null) return refuse(422, `${dimension}: ${fault}`);
    feed[dimension] = value as string;
  }
  const { start, end, page_size = null } = body;
  if (!isTime(start)) return refuse(422, `start: expected a time, received ${shown(start)}`);
  if (!isTime(end)) return refuse(422, `end: expected a time, received ${shown(end)}`);
  if (start >= end) return refuse(422, `start: expected it before end, received ${start} and ${end}`);
  if (start < FIRST || end > LAST) return refuse(422, `start, end: expected times from ${FIRST} to ${LAST}`);
  if (page_size !== null && !isPageSize(page_size)) {
    return refuse(422, `page_size: expected a whole number from 1 to ${MAX_PAGE_SIZE}, received ${shown(page_size)}`);
  }
  return { ok: true, order: { feed: feed as unknown as FeedKey, start, end, page_size } };
}

/** Markets have no earlier records; a time far ahead is a mistake and would never be reached. */
const FIRST: Instant = '1970-01-01T00:00:00.000000Z';
const LAST: Instant = '2100-01-01T00:00:00.000000Z';

/** One job at a time for a feed: two would write the same files. Different feeds do not wait for each other. */
export function refuseWhileActive(feed: FeedKey, jobs: Iterable<BackfillJob>): BackfillRefusal | null {
  const key = feedKeyText(feed);
  for (const job of jobs) {
    if (isActive(job) && feedKeyText(job.feed) === key) {
      return refuse(
        409,
        `job ${job.job_id} for ${shownFeed(feed)} is ${job.status}: follow it to its end, or cancel it`,
      );
    }
  }
  return null;
}

export const refuseCancel = (job: BackfillJob | undefined): BackfillRefusal | null => {
  if (job === undefined) return refuse(404, 'there is no such backfill job');
  return isActive(job) ? null : refuse(409, `job ${job.job_id} is ${job.status}: there is nothing to cancel`);
};

export const refuseRetry = (job: BackfillJob | undefined, jobs: Iterable<BackfillJob>): BackfillRefusal | null => {
  if (job === undefined) return refuse(404, 'there is no such backfill job');
  if (job.status !== 'failed' && job.status !== 'cancelled') {
    return refuse(409, `job ${job.job_id} is ${job.status}: only a failed or cancelled job can be tried again`);
  }
  return refuseWhileActive(job.feed, jobs);
};

export const shownFeed = ({ source, subject, kind, granularity }: FeedKey): string =>
  `${source}/${subject}/${kind}/${granularity}`;

const isTime = (value: Json | undefined): value is Instant => typeof value === 'string' && isInstant(value);
const isPageSize = (value: Json): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_PAGE_SIZE;
const shown = (value: Json | undefined): string => JSON.stringify(value)?.slice(0, 80) ?? 'nothing';
