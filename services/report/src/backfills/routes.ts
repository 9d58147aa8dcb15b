import {
  backfillEtaSeconds,
  backfillPercent,
  backfillStatuses,
  foldBackfill,
  type BackfillJob as Job,
} from '@crunch-node/domain';
import { feedSummaries, newestBackfills } from '@crunch-node/projections';
import type { BackfillCancelled, BackfillRequested, BackfillRetried } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyReply } from 'fastify';
import { whenCaughtUp } from '../caught-up.ts';
import { bodyObject, closingSignal, command } from '../command-client.ts';
import { feedOf } from '../feeds/routes.ts';
import { Feed } from '../feeds/schemas.ts';
import { reads } from '../plugins/freshness/reads.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import { hintFor, INSTANT_FORMS, parseInstant } from '../plugins/http/parse-instant.ts';
import { choice, query } from '../plugins/http/query.ts';
import type { RouteContext } from '../route-context.ts';
import { tsZ } from '../values/timestamps.ts';
import { BackfillJob, BackfillJobDetail, BackfillOrder } from './schemas.ts';

const LISTED = 100;
const WAIT_MS = 5_000;
const tags = ['backfill'];

/** Jobs that fill the archive. The backfill service decides and runs them. */
export const backfillRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, log }) => {
  const signal = closingSignal(app);
  const params = Type.Object({ job_id: Type.String() });

  /** Waits briefly for the read model, so that the next request finds the job as this response shows it. */
  const shown = (id: string, isThere: (job: Job) => boolean): Promise<Job | undefined> =>
    whenCaughtUp(
      async () => (await newestBackfills(db, { id, limit: 1 }))[0],
      (job) => job !== undefined && isThere(job),
      { waitMs: WAIT_MS, signal },
    ).catch(() => undefined);

  const feeds = { tags, summary: 'Every feed, as /reports/feeds has them', response: { 200: Type.Array(Feed) } };
  app.get('/reports/backfill/feeds', { schema: feeds, ...reads('feeds') }, async () =>
    (await feedSummaries(db)).map(feedOf),
  );

  const request = {
    tags,
    summary: 'Have the past of a feed fetched into the archive',
    body: BackfillOrder,
    response: { 201: BackfillJob },
  };
  app.post('/reports/backfill', { schema: request }, async ({ body }, reply) => {
    const { start, end, ...order } = bodyObject(body);
    const asked = { ...order, start: instantOf('start', start), end: instantOf('end', end) };
    const event = await command<BackfillRequested>(log, 'backfills.request', asked, reply);
    const job = foldBackfill(null, event);
    await shown(event.data.job_id, () => true);
    return reply.code(201).send(jobOf(job!));
  });

  const list = {
    tags,
    summary: 'The newest jobs, newest first',
    querystring: query({ status: choice(backfillStatuses, 'in which state') }),
    response: { 200: Type.Array(BackfillJob) },
  };
  app.get('/reports/backfill/jobs', { schema: list, ...reads('backfills') }, async ({ query: { status } }) =>
    (await newestBackfills(db, { status, limit: LISTED })).map(jobOf),
  );

  const one = { tags, summary: 'A job and how far it has come', params, response: { 200: BackfillJobDetail } };
  app.get('/reports/backfill/jobs/:job_id', { schema: one, ...reads('backfills') }, async ({ params: { job_id } }) => {
    const [job] = await newestBackfills(db, { id: job_id, limit: 1 });
    if (job === undefined) throw new HttpFault(404, 'there is no such backfill job');
    return detailOf(job);
  });

  const step = (summary: string) => ({ tags, summary, params, response: { 200: BackfillJobDetail } });
  async function take(name: string, job_id: string, isTaken: (job: Job) => boolean, reply: FastifyReply) {
    await command<BackfillCancelled | BackfillRetried>(log, name, { job_id }, reply);
    const job = await shown(job_id, isTaken);
    if (job === undefined) throw new HttpFault(503, 'it is done, but the read model does not show the job yet');
    return detailOf(job);
  }
  app.post(
    '/reports/backfill/jobs/:job_id/cancel',
    { schema: step('Stop a job; what it has written stays') },
    ({ params: { job_id } }, reply) => take('backfills.cancel', job_id, ({ status }) => status === 'cancelled', reply),
  );
  app.post(
    '/reports/backfill/jobs/:job_id/retry',
    { schema: step('Take a failed or cancelled job up again where it stopped') },
    ({ params: { job_id } }, reply) =>
      take('backfills.retry', job_id, ({ status }) => status !== 'failed' && status !== 'cancelled', reply),
  );
};

/** A text that is not a time is passed on, so that the backfill service refuses it by name. */
function instantOf(name: string, value: unknown): string {
  if (value === undefined) throw new HttpFault(422, `${name}: expected a time, received nothing`);
  const instant = typeof value === 'string' || typeof value === 'number' ? parseInstant(String(value)) : undefined;
  if (instant !== undefined) return instant;
  const received = JSON.stringify(value)?.slice(0, 80);
  const hint = hintFor(String(value));
  throw new HttpFault(422, `${name}: expected ${INSTANT_FORMS}, received ${received}${hint && `; ${hint}`}`);
}

const jobOf = (job: Job): BackfillJob => ({
  id: job.job_id,
  ...job.feed,
  start_ts: tsZ(job.start),
  end_ts: tsZ(job.end),
  cursor_ts: tsZ(job.cursor),
  records_written: job.records_written,
  pages_fetched: job.pages_fetched,
  status: job.status,
  error: job.error,
  created_at: tsZ(job.created_at),
  updated_at: tsZ(job.updated_at),
});

const detailOf = (job: Job): BackfillJobDetail => ({
  ...jobOf(job),
  progress_pct: backfillPercent(job),
  eta_seconds: backfillEtaSeconds(job),
  attempt: job.attempt,
  notices: [...job.notices],
  gaps: job.gaps.map(({ start, end, missing }) => ({ start: tsZ(start), end: tsZ(end), missing })),
  gap_count: job.gap_count,
});
