import { type FeedSummary, feedSummaries, feedTail } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../plugins/freshness/reads.ts';
import { filter, integer, query } from '../plugins/http/query.ts';
import type { RouteContext } from '../route-context.ts';
import { orNull, tsOff, tsZ } from '../values/timestamps.ts';
import { Feed, FeedRecord } from './schemas.ts';

export const feedRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db }) => {
  const summary = {
    tags: ['feeds'],
    summary: 'Every feed with its counters and watermark',
    response: { 200: Type.Array(Feed) },
  };
  app.get('/reports/feeds', { schema: summary, ...reads('feeds') }, async () => {
    const feeds = await feedSummaries(db);
    return feeds.map(feedOf);
  });

  const tail = {
    tags: ['feeds'],
    summary: 'The newest records, newest first',
    querystring: query({
      source: filter('exact'),
      subject: filter('exact'),
      kind: filter('exact'),
      granularity: filter('exact'),
      limit: integer({ absent: 20, minimum: 1, maximum: 200 }),
    }),
    response: { 200: Type.Array(FeedRecord) },
  };
  app.get('/reports/feeds/tail', { schema: tail, ...reads('feeds') }, async ({ query: { limit, ...key } }) => {
    const given = Object.fromEntries(Object.entries(key).filter(([, value]) => value !== undefined));
    const records = await feedTail(db, given, limit);
    return records.map(({ ts_event, ts_ingested, at, metadata, ...record }) => ({
      ...record,
      ts_event: tsZ(ts_event),
      ts_ingested: tsZ(ts_ingested ?? at),
      meta: metadata ?? {},
    }));
  });
};

/** A feed as the API shows it. */
export const feedOf = ({ oldest_ts, newest_ts, updated_at, ...feed }: FeedSummary): Feed => ({
  ...feed,
  oldest_ts: tsOff(oldest_ts),
  newest_ts: tsOff(newest_ts),
  watermark_ts: tsOff(newest_ts),
  watermark_updated_at: orNull(tsOff)(updated_at),
});
