import { ensembleSeries, ensembleSnapshots } from '@crunch-node/projections';
import type { Instant } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../plugins/freshness/reads.ts';
import { asOf, filter, givenInteger, instant, points, query } from '../plugins/http/query.ts';
import { rowsOf, thinnable } from '../plugins/http/thinned.ts';
import type { RouteContext } from '../route-context.ts';
import { EnsemblePeriod } from '../signals/schemas.ts';
import { earlier, later, tsNaive } from '../values/timestamps.ts';

const LIMIT = {
  absent: 100,
  minimum: 1,
  maximum: 500,
  description:
    'the newest so many; without it, a span that is asked for is answered whole, and where it has more than 500 rows, ' +
    'of each ensemble the newest of each fixed stretch of time',
};
const OLDEST: Instant = '1970-01-01T00:00:00.000000Z';

export const ensembleRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, now }) => {
  const schema = {
    tags: ['ensembles'],
    summary: 'Snapshots of ensembles: those of a span of time, or the newest; oldest first',
    querystring: query({
      ensemble_name: filter('of one ensemble only'),
      since: instant('first creation'),
      until: instant('last creation'),
      start: instant('as since'),
      end: instant('as until'),
      as_of: asOf,
      limit: givenInteger(LIMIT),
      points,
    }),
    response: { 200: thinnable(Type.Array(EnsemblePeriod)) },
  };
  app.get(
    '/reports/ensemble/history',
    { schema, ...reads('snapshots', 'signals') },
    async ({ query: { ensemble_name: name, as_of, limit, points, ...asked } }, reply) => {
      const since = later(asked.since, asked.start);
      const until = earlier(earlier(asked.until, asked.end), as_of);
      const isSpan = points !== undefined || (limit === undefined && (since ?? until) !== undefined);
      const span = { start: since ?? OLDEST, end: until ?? (await now()), points };
      const taken = isSpan
        ? rowsOf(reply, await ensembleSeries(db, { name, ...span, limit: limit ?? LIMIT.maximum }))
        : await ensembleSnapshots(db, { name, since, until, limit: limit ?? LIMIT.absent });
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
