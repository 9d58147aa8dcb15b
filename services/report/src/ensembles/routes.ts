import { type EnsembleSnapshot, ensembleSnapshots, slicedEnsembles } from '@crunch-node/projections';
import type { Instant } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { readsSpan } from '../plugins/freshness/reads.ts';
import { asOf, filter, givenInteger, instant, points, query } from '../plugins/http/query.ts';
import { thinnable } from '../plugins/http/thinned.ts';
import { rankedUntil, sendSliced } from '../plugins/parts/send-sliced.ts';
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
  app.get('/reports/ensemble/history', { schema, ...readsSpan('snapshots', 'signals') }, async (request, reply) => {
    const { ensemble_name: name, as_of, limit, points, ...asked } = request.query;
    const since = later(asked.since, asked.start);
    const until = earlier(earlier(asked.until, asked.end), as_of);
    const isSpan = points !== undefined || (limit === undefined && (since ?? until) !== undefined);
    if (!isSpan)
      return (await ensembleSnapshots(db, { name, since, until, limit: limit ?? LIMIT.absent })).map(periodOf);
    const span = { start: since ?? OLDEST, end: until ?? (await now()), points };
    const { nameOf, ...sliced } = await slicedEnsembles(db, { name, ...span, limit: limit ?? LIMIT.maximum });
    return sendSliced(request, reply, sliced, {
      closedUntil: rankedUntil(request),
      rowsOf: (rows) => rows.map((row) => periodOf({ ...row, name: nameOf(row.model_id) })),
    });
  });
};

const periodOf = (taken: EnsembleSnapshot): EnsemblePeriod => ({
  ...Object.fromEntries(Object.entries(taken.result_summary).filter(([, value]) => typeof value === 'number')),
  ensemble_name: taken.name,
  model_id: taken.model_id,
  period_start: tsNaive(taken.period_start),
  period_end: tsNaive(taken.period_end),
  prediction_count: taken.prediction_count,
});
