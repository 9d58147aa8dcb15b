import { latestLeaderboard } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { type Magnitudes, magnitudesOf } from '../decimals.ts';
import { reads } from '../freshness/reads.ts';
import { leaderboardColumns } from '../leaderboard-columns.ts';
import { metricsWidgets } from '../metrics-widgets.ts';
import type { RouteMeans } from '../route-means.ts';
import { LeaderboardColumn, MetricsWidget, ReportSchema } from '../schemas/report-schema.ts';

export const schemaRoutes: FastifyPluginAsyncTypebox<RouteMeans> = async (app, { config, db }) => {
  const about = <R>(summary: string, shape: R) => ({ tags: ['schema'], summary, response: { 200: shape } });
  const magnitudes = async (): Promise<Magnitudes> =>
    magnitudesOf((await latestLeaderboard(db, ['model', 'ensemble'])).map(({ score_metrics }) => score_metrics));
  const columns = reads('leaderboards');
  app.get('/reports/schema', { schema: about('What a dashboard draws', ReportSchema), ...columns }, async () => {
    const sizes = await magnitudes();
    return {
      schema_version: '1',
      leaderboard_columns: leaderboardColumns(config, sizes),
      metrics_widgets: metricsWidgets(config, sizes),
    };
  });
  app.get(
    '/reports/schema/leaderboard-columns',
    { schema: about('Columns of the leaderboard', Type.Array(LeaderboardColumn)), ...columns },
    async () => leaderboardColumns(config, await magnitudes()),
  );
  app.get(
    '/reports/schema/metrics-widgets',
    { schema: about('Charts', Type.Array(MetricsWidget)), ...columns },
    async () => metricsWidgets(config, await magnitudes()),
  );
};
