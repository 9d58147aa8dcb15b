import { isPostgresAway } from '@crunch-node/postgres';
import { latestScoreMetrics } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { leaderboardColumns } from '../leaderboards/columns.ts';
import { readsIfThere } from '../plugins/freshness/reads.ts';
import type { RouteContext } from '../route-context.ts';
import { type Magnitudes, magnitudesOf } from '../values/decimals.ts';
import { metricsWidgets } from './metrics-widgets.ts';
import { LeaderboardColumn, MetricsWidget, ReportSchema } from './schemas.ts';

export const schemaRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { config, db }) => {
  const about = <R>(summary: string, shape: R) => ({ tags: ['schema'], summary, response: { 200: shape } });
  /** Decimals are optional: a dashboard gets its columns also while no ranking can be read. */
  const magnitudes = async (): Promise<Magnitudes> => {
    try {
      return magnitudesOf(await latestScoreMetrics(db));
    } catch (error) {
      if (isPostgresAway(error)) return {};
      throw error;
    }
  };
  const columns = readsIfThere();
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
