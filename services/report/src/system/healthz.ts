import { type FeedSummary, feedSummaries, positionsReader } from '@crunch-node/projections';
import type { Instant } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { sql } from 'kysely';
import type { RouteContext } from '../route-context.ts';
import { orNull, tsZ } from '../values/timestamps.ts';
import { Health, Readiness } from './schemas.ts';

/**
 * `/healthz`: the process lives, independent of anything else. `/readyz`: its database answers; with the positions of
 * its rows and the newest record of its feeds, for clients that judge whether that is fresh enough.
 */
export const healthRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, log, version }) => {
  const about = <R>(summary: string, response: R) => ({ tags: ['system'], summary, response: { 200: response } });
  app.get('/healthz', { schema: about('The process lives', Health) }, () => ({ status: 'ok', version }));

  const positions = positionsReader(db);
  app.get('/readyz', { schema: about('Its database answers, and how fresh it is', Readiness) }, async () => {
    await sql`select 1`.execute(db);
    const applied = [...(await positions()).values()];
    return {
      status: 'ready',
      version,
      log: log === undefined ? ('none' as const) : log.connected ? ('connected' as const) : ('away' as const),
      projections: applied.map(({ projection, stream, sequence, event_at }) => ({
        projection,
        position: `${stream}:${sequence}`,
        event_time: event_at,
      })),
      feeds: freshness(await feedSummaries(db)),
    };
  });
};

/** The newest record of the feed that is ahead of all others, and of the one that is behind them. */
function freshness(feeds: readonly FeedSummary[]) {
  const newest = feeds.map(({ newest_ts }) => newest_ts).sort();
  const time = (ts: Instant | undefined) => orNull(tsZ)(ts ?? null);
  return { count: feeds.length, newest_ts: time(newest.at(-1)), stalest_ts: time(newest[0]) };
}
