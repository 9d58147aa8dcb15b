import { type Static, Type } from '@sinclair/typebox';
import { defineEvent, defineStream, type EventOf, type StreamEvent } from './define.ts';
import { FeedKey } from './feeds.ts';
import { Instant } from './instant-schema.ts';
import { escapeToken, idOf } from './token.ts';

/** Subject of a job's events: one per job, so that an expected sequence orders them. */
export const backfillNatsSubject = (jobId: string): string => `backfills.${escapeToken(jobId)}`;
const natsSubject = ({ job_id }: { job_id: string }): string => backfillNatsSubject(job_id);

const job = { job_id: Type.String() };
const Total = Type.Integer({ minimum: 0 });
const Ordinal = Type.Integer({ minimum: 1 });

/** A range of records missing from the archive. */
export const ArchiveGap = Type.Object({
  /** `ts_event` of the first and of the last record missing */
  start: Instant,
  end: Instant,
  /** null for a feed without a grid: the expected number is unknown */
  missing: Type.Union([Ordinal, Type.Null()]),
});
export type ArchiveGap = Static<typeof ArchiveGap>;

const circumstances = {
  /** 1 at first, one more with each retry; absent: 1 */
  attempt: Type.Optional(Ordinal),
  pages_fetched: Type.Optional(Total),
  /** notes for people: rows refused, files moved aside */
  notices: Type.Optional(Type.Array(Type.String())),
};
/** Where the attempt continues, with the totals of earlier attempts. */
const BeginOfAttempt = Type.Object({
  ...job,
  attempt: Ordinal,
  cursor: Instant,
  pages_fetched: Total,
  records_written: Total,
  notices: circumstances.notices,
});
const standing = { ...circumstances, cursor: Type.Optional(Instant) };

/** The id of the end of the first attempt is without its number, as in logs from before there were retries. */
const endId = ({ job_id, attempt = 1 }: { job_id: string; attempt?: number }): string =>
  attempt === 1 ? idOf('backfill', job_id, 'ended') : idOf('backfill', job_id, 'ended', attempt);

/** Requests the records of a feed from `start` to `end`, both inclusive, for the archive. */
export const BackfillRequested = defineEvent('BackfillRequested', {
  v: 1,
  data: Type.Object({
    ...job,
    feed: FeedKey,
    start: Instant,
    end: Instant,
    /** records requested from the provider at a time */
    page_size: Type.Optional(Ordinal),
  }),
  id: ({ job_id }) => idOf('backfill', job_id, 'requested'),
  natsSubject,
});
export type BackfillRequested = EventOf<typeof BackfillRequested>;

/** An attempt begins where the one before it ended. */
export const BackfillStarted = defineEvent('BackfillStarted', {
  v: 1,
  data: BeginOfAttempt,
  id: ({ job_id, attempt }) => idOf('backfill', job_id, 'started', attempt),
  natsSubject,
});
export type BackfillStarted = EventOf<typeof BackfillStarted>;

/** Everything before `cursor` is on disk. */
export const BackfillProgressed = defineEvent('BackfillProgressed', {
  v: 1,
  data: Type.Object({ ...job, page: Ordinal, cursor: Instant, records_written: Total, ...circumstances }),
  id: ({ job_id, page }) => idOf('backfill', job_id, 'page', page),
  natsSubject,
});
export type BackfillProgressed = EventOf<typeof BackfillProgressed>;

/** Completed, failed and cancelled are alternatives: one end per attempt. */
export const BackfillCompleted = defineEvent('BackfillCompleted', {
  v: 1,
  data: Type.Object({
    ...job,
    records_written: Total,
    ...standing,
    /** the first gaps of the archive in the range of the job */
    gaps: Type.Optional(Type.Array(ArchiveGap)),
    /** total number of gaps */
    gap_count: Type.Optional(Total),
  }),
  id: endId,
  natsSubject,
});
export type BackfillCompleted = EventOf<typeof BackfillCompleted>;

export const BackfillFailed = defineEvent('BackfillFailed', {
  v: 1,
  data: Type.Object({ ...job, error: Type.String(), ...standing, records_written: Type.Optional(Total) }),
  id: endId,
  natsSubject,
});
export type BackfillFailed = EventOf<typeof BackfillFailed>;

/** The job was cancelled. Records already written are kept. */
export const BackfillCancelled = defineEvent('BackfillCancelled', {
  v: 1,
  data: Type.Object({ ...job, ...standing, records_written: Total }),
  id: endId,
  natsSubject,
});
export type BackfillCancelled = EventOf<typeof BackfillCancelled>;

/** After an end without success: the job waits for its next attempt, which continues where the last one stopped. */
export const BackfillRetried = defineEvent('BackfillRetried', {
  v: 1,
  data: BeginOfAttempt,
  id: ({ job_id, attempt }) => idOf('backfill', job_id, 'retried', attempt),
  natsSubject,
});
export type BackfillRetried = EventOf<typeof BackfillRetried>;

export const backfills = defineStream(
  'BACKFILLS',
  ['backfills.*'],
  [
    BackfillRequested,
    BackfillStarted,
    BackfillProgressed,
    BackfillCompleted,
    BackfillFailed,
    BackfillCancelled,
    BackfillRetried,
  ],
);
export type BackfillEvent = StreamEvent<typeof backfills>;
