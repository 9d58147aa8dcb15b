import {
  type ListedPrediction,
  newestPredictions,
  type PredictionStatus,
  slicedPredictions,
} from '@crunch-node/projections';
import { addSeconds } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { readsUntilNow } from '../plugins/freshness/reads.ts';
import { choice, givenInteger, idList, instant, integer, points, query } from '../plugins/http/query.ts';
import { thinnable } from '../plugins/http/thinned.ts';
import { closedBy, sendSliced } from '../plugins/parts/send-sliced.ts';
import type { RouteContext } from '../route-context.ts';
import { dimensionsOf } from '../values/scope-dimensions.ts';
import { orNull, tsNaive } from '../values/timestamps.ts';
import { Prediction } from './schemas.ts';

const predictionStatuses = ['PENDING', 'SCORED', 'FAILED', 'ABSENT'] as const satisfies readonly PredictionStatus[];
const WEEK_SECONDS = 7 * 24 * 3600;
/** The UI requests 30 days of all models every 30 seconds and waits 15. */
const LIMIT = {
  absent: 5_000,
  minimum: 1,
  maximum: 50_000,
  description:
    'given: the newest so many. Else the whole span is answered, and where it has more than 5,000 rows, of each ' +
    'model and scope the newest of each fixed stretch of time',
};

export const predictionRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, config, now }) => {
  const schema = {
    tags: ['predictions'],
    summary: 'Predictions of a span of time with their scores, oldest first',
    querystring: query({
      projectIds: idList('model ids; all when missing'),
      start: instant('first performed_at, default seven days before the end'),
      end: instant('last performed_at, default now'),
      status: choice(predictionStatuses, 'in which state'),
      limit: givenInteger(LIMIT),
      points,
      offset: integer({ absent: 0, minimum: 0, maximum: 1_000_000_000 }),
    }),
    response: { 200: thinnable(Type.Array(Prediction)) },
  };
  app.get('/reports/predictions', { schema, ...readsUntilNow('predictions', 'scores') }, async (request, reply) => {
    const { projectIds, start, end, status, limit, offset, points } = request.query;
    const until = end ?? (await now());
    const since = start ?? addSeconds(until, -WEEK_SECONDS);
    const span = { modelIds: projectIds, start: since, end: until, status };
    // Clients that name a number of rows, or a page of them, get exactly those.
    const isPage = points === undefined && (limit !== undefined || offset > 0);
    if (isPage)
      return (await newestPredictions(db, { ...span, limit: limit ?? LIMIT.absent, offset })).map(predictionOf);
    const sliced = await slicedPredictions(db, { ...span, limit: limit ?? LIMIT.absent, points });
    const closed = closedBy(request.freshness?.positions, 'predictions', config.partitions);
    return sendSliced(request, reply, sliced, {
      // Which predictions have a state changes as they are scored.
      closedUntil: status === undefined ? closed : null,
      isFinal: (row) => row.status !== 'PENDING',
      rowsOf: (rows) => rows.map(predictionOf),
    });
  });
};

const predictionOf = (found: ListedPrediction): Prediction => ({
  id: found.prediction_id,
  model_id: found.model_id,
  prediction_config_id: found.config_id,
  scope_key: found.scope_key,
  scope: found.scope,
  status: found.status,
  score_value: found.score_value,
  // What has no score yet has not failed: charts mark what has.
  score_failed: found.status !== 'PENDING' && found.score_success !== true,
  score_failed_reason: found.score_success === null ? (found.reason ?? 'not scored yet') : found.score_failed_reason,
  scored_at: orNull(tsNaive)(found.scored_at),
  performed_at: tsNaive(found.performed_at),
  resolvable_at: orNull(tsNaive)(found.resolvable_at),
  exec_time_ms: found.exec_time_ms,
  ...dimensionsOf(found.scope),
});
