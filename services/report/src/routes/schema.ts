import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { leaderboardColumns } from '../leaderboard-columns.ts';
import { metricsWidgets } from '../metrics-widgets.ts';
import type { RouteMeans } from '../route-means.ts';
import { LeaderboardColumn, MetricsWidget, ReportSchema } from '../schemas/report-schema.ts';

export const schemaRoutes: FastifyPluginAsyncTypebox<RouteMeans> = async (app, { config }) => {
  const leaderboard_columns = leaderboardColumns(config);
  const metrics_widgets = metricsWidgets(config);
  const tags = ['schema'];
  app.get('/reports/schema', { schema: { tags, response: { 200: ReportSchema } } }, () => ({
    schema_version: '1',
    leaderboard_columns,
    metrics_widgets,
  }));
  app.get(
    '/reports/schema/leaderboard-columns',
    { schema: { tags, response: { 200: Type.Array(LeaderboardColumn) } } },
    () => leaderboard_columns,
  );
  app.get(
    '/reports/schema/metrics-widgets',
    { schema: { tags, response: { 200: Type.Array(MetricsWidget) } } },
    () => metrics_widgets,
  );
};
