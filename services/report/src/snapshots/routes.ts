import { publishedSnapshotText } from '@crunch-node/domain';
import { newestSnapshots, type SnapshotPlace, type SnapshotRow, snapshotPlace } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../plugins/freshness/reads.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import { asOf, filter, instant, integer, query } from '../plugins/http/query.ts';
import type { RouteContext } from '../route-context.ts';
import { earlier, tsNaive } from '../values/timestamps.ts';
import { Snapshot } from './schemas.ts';

export const snapshotRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db }) => {
  const schema = {
    tags: ['snapshots'],
    summary: 'The newest snapshots, oldest of them first',
    querystring: query({
      snapshot_id: filter('exact'),
      model_id: filter('exact'),
      since: instant('first creation'),
      until: instant('last creation'),
      before: filter('id of a snapshot: the page ahead of it'),
      after: filter('id of a snapshot: the page behind it'),
      as_of: asOf,
      limit: integer({ absent: 100, minimum: 1, maximum: 1_000 }),
    }),
    response: { 200: Type.Array(Snapshot) },
  };
  app.get(
    '/reports/snapshots',
    { schema, ...reads('snapshots') },
    async ({ query: { before, after, until, as_of, ...filters } }) => {
      const snapshots = await newestSnapshots(db, {
        ...filters,
        until: earlier(until, as_of),
        before: await placeOf(before),
        after: await placeOf(after),
      });
      return snapshots.map(snapshotOf);
    },
  );

  async function placeOf(snapshotId: string | undefined): Promise<SnapshotPlace | undefined> {
    if (snapshotId === undefined) return undefined;
    const place = await snapshotPlace(db, snapshotId);
    if (place === undefined) throw new HttpFault(404, `There is no snapshot ${snapshotId}`);
    return place;
  }
};

const snapshotOf = (row: SnapshotRow): Snapshot => ({
  id: row.snapshot_id,
  model_id: row.model_id,
  period_start: tsNaive(row.period_start),
  period_end: tsNaive(row.period_end),
  prediction_count: row.prediction_count,
  failed_count: row.failed_count,
  result_summary: row.result_summary,
  content_hash: row.content_hash,
  canonical: publishedSnapshotText(row),
  created_at: tsNaive(row.created_at),
});
