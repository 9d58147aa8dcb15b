import { ensembleSnapshots } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../freshness/reads.ts';
import { asOf, filter, instant, integer, query } from '../http/query.ts';
import type { RouteMeans } from '../route-means.ts';
import { EnsemblePeriod } from '../schemas/signals.ts';
import { earlier, tsNaive } from '../timestamps.ts';

export const ensembleRoutes: FastifyPluginAsyncTypebox<RouteMeans> = async (app, { db }) => {
  const schema = {
    tags: ['ensembles'],
    summary: 'The newest snapshots of ensembles, oldest of them first',
    querystring: query({
      ensemble_name: filter('of one ensemble only'),
      since: instant('first creation'),
      until: instant('last creation'),
      as_of: asOf,
      limit: integer({ absent: 100, minimum: 1, maximum: 500 }),
    }),
    response: { 200: Type.Array(EnsemblePeriod) },
  };
  app.get(
    '/reports/ensemble/history',
    { schema, ...reads('snapshots', 'signals') },
    async ({ query: { ensemble_name, as_of, until, ...span } }) => {
      const taken = await ensembleSnapshots(db, { name: ensemble_name, until: earlier(until, as_of), ...span });
      return taken.map(
        ({ name, model_id, period_start, period_end, prediction_count, result_summary }): EnsemblePeriod => ({
          ...Object.fromEntries(Object.entries(result_summary).filter(([, value]) => typeof value === 'number')),
          ensemble_name: name,
          model_id,
          period_start: tsNaive(period_start),
          period_end: tsNaive(period_end),
          prediction_count,
        }),
      );
    },
  );
};
