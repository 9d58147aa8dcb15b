import { isEnsemble } from '@crunch-node/domain';
import { newestSnapshotOfEach, scopeSeries, scoreSeries, snapshotModelIds } from '@crunch-node/projections';
import { addSeconds, type Instant } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { readsUntilNow } from '../freshness/reads.ts';
import { openRows } from '../http/open-rows.ts';
import { asOf, flag, idList, instant, integer, query } from '../http/query.ts';
import { METRICS_AGAIN } from '../metrics-widgets.ts';
import { hasScore, metricsRow, scopeRow, scoreRow, summaryRow } from '../model-score-rows.ts';
import type { RouteMeans } from '../route-means.ts';
import { ModelMetrics, ModelScore, ModelSummary, ScopeScore } from '../schemas/model-scores.ts';
import { earlier } from '../timestamps.ts';

const WEEK_SECONDS = 7 * 24 * 3600;

const asked = {
  projectIds: idList('model ids; all when missing'),
  start: instant('first time, default seven days before the end'),
  end: instant('last time, default now'),
  include_ensembles: flag(false, 'with virtual models'),
  as_of: asOf,
};
/** Charts ask for 30 days of all models: of more rows than that, some of each model. */
const limit = integer({ absent: 10_000, minimum: 1, maximum: 50_000 });

interface Asked {
  readonly projectIds: readonly string[] | null;
  readonly start: Instant | undefined;
  readonly end: Instant | undefined;
  readonly include_ensembles: boolean;
  readonly as_of: Instant | undefined;
}

/** What models were worth over time, in all and by scope. */
export const modelScoreRoutes: FastifyPluginAsyncTypebox<RouteMeans> = async (app, { db, config, now }) => {
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
  const series = query({ ...asked, limit });
  const ranked = { ...openRows, ...readsUntilNow('snapshots', 'leaderboards') };

  const overall = about('Scores of each model after each of its snapshots, oldest first', Type.Array(ModelScore));
  app.get(
    '/reports/models/global',
    { schema: { ...overall, querystring: series }, ...ranked },
    async ({ query: given }) => {
      const found = await scoreSeries(db, { ...(await spanOf(given)), limit: given.limit });
      return found.filter(hasScore).map((row) => scoreRow(aggregation, row));
    },
  );

  const byScope = about('Scores of each model in each scope over time, oldest first', Type.Array(ScopeScore));
  app.get(
    '/reports/models/params',
    { schema: { ...byScope, querystring: series }, ...openRows, ...readsUntilNow('scores', 'snapshots') },
    async ({ query: given }) => {
      const { windows } = aggregation;
      const found = await scopeSeries(db, { ...(await spanOf(given)), windows, limit: given.limit });
      return found.map((point) => scopeRow(aggregation, point));
    },
  );

  const metrics = about(
    'Windows and metrics of each model at each of its snapshots, oldest first',
    Type.Array(ModelMetrics),
  );
  for (const url of ['/reports/models/metrics', ...Object.values(METRICS_AGAIN)])
    app.get(url, { schema: { ...metrics, querystring: series }, ...ranked }, async ({ query: given }) => {
      const found = await scoreSeries(db, { ...(await spanOf(given)), limit: given.limit });
      return found.map((row) => metricsRow(aggregation, row));
    });

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
