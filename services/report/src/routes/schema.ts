import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../freshness/reads.ts';
import { leaderboardColumns } from '../leaderboard-columns.ts';
import { metricsWidgets } from '../metrics-widgets.ts';
import type { RouteMeans } from '../route-means.ts';
import { LeaderboardColumn, MetricsWidget, ReportSchema } from '../schemas/report-schema.ts';

export const schemaRoutes: FastifyPluginAsyncTypebox<RouteMeans> = async (app, { config }) => {
  const leaderboard_columns = leaderboardColumns(config);
  const metrics_widgets = metricsWidgets(config);
  const about = <R>(summary: string, shape: R) => ({ tags: ['schema'], summary, response: { 200: shape } });
  app.get('/reports/schema', { schema: about('What a dashboard draws', ReportSchema), ...reads() }, () => ({
    schema_version: '1',
    leaderboard_columns,
    metrics_widgets,
  }));
  app.get(
    '/reports/schema/leaderboard-columns',
    { schema: about('Columns of the leaderboard', Type.Array(LeaderboardColumn)), ...reads() },
    () => leaderboard_columns,
  );
  app.get(
    '/reports/schema/metrics-widgets',
    { schema: about('Charts', Type.Array(MetricsWidget)), ...reads() },
    () => metrics_widgets,
  );
};
