import { randomUUID } from 'node:crypto';
import {
  type BackfillJob,
  type BackfillOrder,
  type BackfillRefusal,
  isActive,
  readBackfillOrder,
  refuseCancel,
  refuseRetry,
  refuseWhileActive,
} from '@crunch-node/domain';
import { type Accepted, type CommandHandler, CommandRefused } from '@crunch-node/service';
import {
  BackfillCancelled,
  BackfillRequested,
  BackfillRetried,
  type Json,
  type JsonObject,
} from '@crunch-node/streams';
import type { Journal } from './journal.ts';

export interface CommandContext {
  readonly journal: Journal;
  /** the order as it is recorded, with the source that its records name */
  bySource(order: BackfillOrder): BackfillOrder;
  /** null, or why there can be no backfill of it: no such provider, no such kind, no past */
  faultOfFeed(order: BackfillOrder): string | null;
  /** A job may be started now. */
  accepted(): void;
  /** The job was cancelled. */
  cancelled(jobId: string): void;
}

/** The commands operators send about backfills, decided against all existing jobs. */
export function backfillCommands({
  journal,
  bySource,
  faultOfFeed,
  accepted,
  cancelled,
}: CommandContext): Readonly<Record<string, CommandHandler>> {
  const mayGoOn = (refusal: BackfillRefusal | null): void => {
    if (refusal !== null) throw new CommandRefused(refusal.http_status, refusal.reason);
  };
  const notNull = (published: Accepted | null): Accepted => {
    if (published === null) throw new CommandRefused(409, 'the job has ended meanwhile');
    return published;
  };

  return {
    async 'backfills.request'(body, at) {
      const read = readBackfillOrder(objectOf(body));
      if (!read.ok) throw new CommandRefused(read.http_status, read.reason);
      const order = bySource(read.order);
      const { feed, start, end, page_size } = order;
      const fault = faultOfFeed(order);
      if (fault !== null) throw new CommandRefused(422, fault);
      await journal.catchUp();
      mayGoOn(refuseWhileActive(feed, journal.jobs()));
      const job_id = randomUUID();
      const asked = { job_id, feed, start, end, ...(page_size !== null && { page_size }) };
      const published = await journal.publish(job_id, () => BackfillRequested.at(at, asked));
      accepted();
      return notNull(published);
    },

    async 'backfills.cancel'(body, at) {
      await journal.catchUp();
      const job = jobOf(journal, body);
      mayGoOn(refuseCancel(job));
      const published = await journal.publish(job!.job_id, (now) =>
        now !== undefined && isActive(now) ? BackfillCancelled.at(at, { ...standingOf(now) }) : null,
      );
      cancelled(job!.job_id);
      return notNull(published);
    },

    async 'backfills.retry'(body, at) {
      await journal.catchUp();
      const job = jobOf(journal, body);
      mayGoOn(refuseRetry(job, journal.jobs()));
      const published = await journal.publish(job!.job_id, (now) =>
        now === undefined ? null : BackfillRetried.at(at, { ...standingOf(now), attempt: now.attempt + 1 }),
      );
      accepted();
      return notNull(published);
    },
  };
}

/** Progress of a job, as its events carry it. */
export const standingOf = ({ job_id, attempt, cursor, pages_fetched, records_written, notices }: BackfillJob) => ({
  job_id,
  attempt,
  cursor,
  pages_fetched,
  records_written,
  ...(notices.length > 0 && { notices: [...notices] }),
});

const objectOf = (body: Json): JsonObject => {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as JsonObject;
  throw new CommandRefused(422, 'expected an object');
};

const jobOf = (journal: Journal, body: Json): BackfillJob | undefined => {
  const { job_id } = objectOf(body);
  return typeof job_id === 'string' ? journal.job(job_id) : undefined;
};
