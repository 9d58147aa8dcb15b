import { Type } from '@sinclair/typebox';
import { defineEvent, defineStream, type EventOf, type StreamEvent } from './define.ts';
import { FeedKey } from './feeds.ts';
import { Instant } from './instant.ts';
import { escapeToken, idOf } from './token.ts';

const natsSubject = ({ job_id }: { job_id: string }): string => `backfills.${escapeToken(job_id)}`;
const job = { job_id: Type.String() };

export const BackfillRequested = defineEvent('BackfillRequested', {
  v: 1,
  data: Type.Object({ ...job, feed: FeedKey, start: Instant, end: Instant }),
  id: ({ job_id }) => idOf('backfill', job_id, 'requested'),
  natsSubject,
});
export type BackfillRequested = EventOf<typeof BackfillRequested>;

export const BackfillProgressed = defineEvent('BackfillProgressed', {
  v: 1,
  data: Type.Object({
    ...job,
    page: Type.Integer({ minimum: 1 }),
    cursor: Instant,
    records_written: Type.Integer({ minimum: 0 }),
  }),
  id: ({ job_id, page }) => idOf('backfill', job_id, 'page', page),
  natsSubject,
});
export type BackfillProgressed = EventOf<typeof BackfillProgressed>;

/** Completed and failed are alternatives: one end per job. */
export const BackfillCompleted = defineEvent('BackfillCompleted', {
  v: 1,
  data: Type.Object({ ...job, records_written: Type.Integer({ minimum: 0 }) }),
  id: ({ job_id }) => idOf('backfill', job_id, 'ended'),
  natsSubject,
});
export type BackfillCompleted = EventOf<typeof BackfillCompleted>;

export const BackfillFailed = defineEvent('BackfillFailed', {
  v: 1,
  data: Type.Object({ ...job, error: Type.String() }),
  id: ({ job_id }) => idOf('backfill', job_id, 'ended'),
  natsSubject,
});
export type BackfillFailed = EventOf<typeof BackfillFailed>;

export const backfills = defineStream(
  'BACKFILLS',
  ['backfills.*'],
  [BackfillRequested, BackfillProgressed, BackfillCompleted, BackfillFailed],
);
export type BackfillEvent = StreamEvent<typeof backfills>;
