import { isEnsemble } from '@crunch-node/domain';
import {
  newestSnapshotOfEach,
  type ScoredSnapshot,
  scopeSeries,
  slicedScores,
  snapshotModelIds,
} from '@crunch-node/projections';
import { addSeconds, type Instant } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { METRICS_AGAIN } from '../dashboard/metrics-widgets.ts';
import { readsUntilNow } from '../plugins/freshness/reads.ts';
import { openRows } from '../plugins/http/open-rows.ts';
import { asOf, flag, idList, instant, integer, points, query } from '../plugins/http/query.ts';
import { thinnable } from '../plugins/http/thinned.ts';
import { rankedUntil, sendSliced } from '../plugins/parts/send-sliced.ts';
import type { RouteContext } from '../route-context.ts';
import { earlier } from '../values/timestamps.ts';
import { hasScore, metricsRow, scopeRow, scoreRow, summaryRow } from './score-rows.ts';
import { ModelMetrics, ModelScore, ModelSummary, ScopeScore } from './score-schemas.ts';
import { sendScopes } from './send-scopes.ts';

const WEEK_SECONDS = 7 * 24 * 3600;

const asked = {
  projectIds: idList('model ids; all when missing'),
  start: instant('first time, default seven days before the end'),
  end: instant('last time, default now'),
  include_ensembles: flag(false, 'with virtual models'),
  as_of: asOf,
};
/** Charts request 30 days of all models: of more rows than that, some of each model. */
const limit = integer({
  absent: 5_000,
  minimum: 1,
  maximum: 50_000,
  description: 'rows in all: where there are more, each series has its newest row of each fixed stretch of time',
});

interface Asked {
  readonly projectIds: readonly string[] | null;
  readonly start: Instant | undefined;
  readonly end: Instant | undefined;
  readonly include_ensembles: boolean;
  readonly as_of: Instant | undefined;
}

/** Scores of models over time, in all and by scope. */
export const modelScoreRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, config, now }) => {
  const { aggregation } = config;

  async function spanOf({ projectIds, start, end, include_ensembles, as_of }: Asked) {
    const ids = [...new Set(projectIds ?? (await snapshotModelIds(db)))];
    const last = earlier(end ?? (await now()), as_of) as Instant;
    return {
      modelIds: ids.filter((id) => include_ensembles || !isEnsemble(id)),
      start: start ?? addSeconds(last, -WEEK_SECONDS),
      end: last,
      asOf: as_of,
    };
  }

  const about = <R>(summary: string, row: R) => ({ tags: ['model scores'], summary, response: { 200: row } });
  const series = query({ ...asked, limit, points });
  /** The whole span is returned, whatever the limit is. */
  const thinnedTo = ({ limit, points }: { readonly limit: number; readonly points: number | undefined }) => ({
    limit,
    points,
  });
  const ranked = { ...openRows, ...readsUntilNow('snapshots', 'leaderboards') };

  async function sendScores(
    request: FastifyRequest,
    reply: FastifyReply,
    rowsOf: (found: readonly ScoredSnapshot[]) => readonly object[],
  ) {
    const given = request.query as Asked & Parameters<typeof thinnedTo>[0];
    const sliced = await slicedScores(db, { ...(await spanOf(given)), ...thinnedTo(given) });
    return sendSliced(request, reply, sliced, { closedUntil: rankedUntil(request), rowsOf });
  }

  const overall = about(
    'Scores of each model after each of its snapshots, oldest first',
    thinnable(Type.Array(ModelScore)),
  );
  app.get('/reports/models/global', { schema: { ...overall, querystring: series }, ...ranked }, (request, reply) =>
    sendScores(request, reply, (found) => found.filter(hasScore).map((row) => scoreRow(aggregation, row))),
  );

  const byScope = about(
    'Scores of each model in each scope over time, oldest first',
    thinnable(Type.Array(ScopeScore)),
  );
  app.get(
    '/reports/models/params',
    { schema: { ...byScope, querystring: series }, ...openRows, ...readsUntilNow('scores', 'snapshots') },
    async (request, reply) => {
      const { query: given } = request;
      const { windows } = aggregation;
      const found = await scopeSeries(db, { ...(await spanOf(given)), windows, ...thinnedTo(given) });
      return sendScopes(request, reply, found, (point) => scopeRow(aggregation, point));
    },
  );

  const metrics = about(
    'Windows and metrics of each model at each of its snapshots, oldest first',
    thinnable(Type.Array(ModelMetrics)),
  );
  for (const url of ['/reports/models/metrics', ...Object.values(METRICS_AGAIN)])
    app.get(url, { schema: { ...metrics, querystring: series }, ...ranked }, (request, reply) =>
      sendScores(request, reply, (found) => found.map((row) => metricsRow(aggregation, row))),
    );

  const summary = about('The newest snapshot of each model, in the order asked for', Type.Array(ModelSummary));
  app.get(
    '/reports/models/summary',
    { schema: { ...summary, querystring: query(asked) }, ...openRows, ...readsUntilNow('snapshots') },
    async ({ query: given }) => {
      const { modelIds, ...span } = await spanOf(given);
      return (await newestSnapshotOfEach(db, modelIds, span)).map(summaryRow);
    },
  );
};
