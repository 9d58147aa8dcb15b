import { newestSnapshots } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { filter, instant, integer, query } from '../http/query.ts';
import type { RouteMeans } from '../route-means.ts';
import { Snapshot } from '../schemas/snapshots.ts';
import { tsNaive } from '../timestamps.ts';

export const snapshotRoutes: FastifyPluginAsyncTypebox<RouteMeans> = async (app, { db }) => {
  const schema = {
    tags: ['snapshots'],
    summary: 'The newest snapshots, oldest of them first',
    querystring: query({
      model_id: filter('exact'),
      since: instant('first creation'),
      until: instant('last creation'),
      limit: integer({ absent: 100, minimum: 1, maximum: 1_000 }),
    }),
    response: { 200: Type.Array(Snapshot) },
  };
  app.get('/reports/snapshots', { schema }, async ({ query: filters }) => {
    const snapshots = await newestSnapshots(db, filters);
    return snapshots.map(({ snapshot_id, period_start, period_end, created_at, ...snapshot }) => ({
      ...snapshot,
      id: snapshot_id,
      period_start: tsNaive(period_start),
      period_end: tsNaive(period_end),
      created_at: tsNaive(created_at),
    }));
  });
};
