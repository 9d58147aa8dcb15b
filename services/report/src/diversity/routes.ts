import { diversityFeedback, diversityOverview, isEnsemble } from '@crunch-node/domain';
import { newestSnapshotOfEach, rankOf, snapshotModelIds } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../plugins/freshness/reads.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import { asOf, integer, query } from '../plugins/http/query.ts';
import type { RouteContext } from '../route-context.ts';
import { tsZ } from '../values/timestamps.ts';
import { DiversityFeedback, DiversityRow } from './schemas.ts';

const tags = ['diversity'];

/** How models differ from each other, by the newest snapshot of each. */
export const diversityRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db }) => {
  const one = {
    tags,
    summary: 'How a model differs from the others, and what would help',
    params: Type.Object({ model_id: Type.String() }),
    querystring: query({ as_of: asOf }),
    response: { 200: DiversityFeedback },
  };
  app.get(
    '/reports/models/:model_id/diversity',
    { schema: one, ...reads('snapshots', 'leaderboards') },
    async ({ params: { model_id }, query: { as_of } }) => {
      const [newest] = await newestSnapshotOfEach(db, [model_id], { end: as_of });
      if (newest === undefined) throw new HttpFault(404, `There is no snapshot of a model ${model_id}`);
      const { diversity_score, metrics, guidance } = diversityFeedback(newest.result_summary);
      return {
        model_id,
        rank: await rankOf(db, model_id, as_of),
        diversity_score,
        metrics,
        guidance: guidance.map(({ message }) => message),
        guidance_codes: guidance.map(({ code }) => code),
        snapshot_period_end: tsZ(newest.period_end),
      };
    },
  );

  const all = {
    tags,
    summary: 'All models, most diverse first',
    querystring: query({ as_of: asOf, limit: integer({ absent: 50, minimum: 1, maximum: 200 }) }),
    response: { 200: Type.Array(DiversityRow) },
  };
  app.get('/reports/diversity', { schema: all, ...reads('snapshots') }, async ({ query: { as_of, limit } }) => {
    const modelIds = (await snapshotModelIds(db)).filter((id) => !isEnsemble(id));
    const snapshots = await newestSnapshotOfEach(db, modelIds, { end: as_of });
    return diversityOverview(snapshots, limit).map((row) => ({ ...row, period_end: tsZ(row.period_end) }));
  });
};
