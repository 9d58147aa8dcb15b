import { enabledEnsembles, ensembleModelId } from '@crunch-node/domain';
import { latestLeaderboard, type RankedModel } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../plugins/freshness/reads.ts';
import { openRows } from '../plugins/http/open-rows.ts';
import { asOf, flag, query } from '../plugins/http/query.ts';
import type { ReportConfig, RouteContext } from '../route-context.ts';
import { tsZ } from '../values/timestamps.ts';
import { roundsField } from './columns.ts';
import { LeaderboardEntry } from './schemas.ts';

export const leaderboardRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, config }) => {
  const schema = {
    tags: ['leaderboard'],
    summary: 'The latest ranking, best first',
    querystring: query({ include_ensembles: flag(false, 'with ensembles, ranked among themselves'), as_of: asOf }),
    response: { 200: Type.Array(LeaderboardEntry) },
  };
  app.get(
    '/reports/leaderboard',
    { schema, ...openRows, ...reads('leaderboards', 'models', 'signals') },
    async ({ query: { include_ensembles, as_of } }) => {
      const ranked = await latestLeaderboard(db, include_ensembles ? ['model', 'ensemble'] : ['model'], as_of);
      return ranked.map((entry) => entryOf(entry, config));
    },
  );
};

/** Fixed fields come last: a metric cannot take the name of one. */
export const entryOf = (ranked: RankedModel, config: Pick<ReportConfig, 'ensembles'>): LeaderboardEntry => ({
  ...ranked.score_metrics,
  ...Object.fromEntries(
    Object.entries(ranked.score_ranking.rounds ?? {}).map(([window, rounds]) => [roundsField(window), rounds]),
  ),
  created_at: tsZ(ranked.created_at),
  model_id: ranked.model_id,
  score_metrics: ranked.score_metrics,
  score_ranking: ranked.score_ranking,
  rank: ranked.rank,
  model_name: ranked.model_name,
  cruncher_name: ranked.cruncher_name,
  username: ranked.cruncher_name,
  status: isThere(ranked, config) ? 'active' : 'inactive',
});

/** A model runs; an ensemble is one of those that are configured. */
const isThere = ({ kind, model_id, state }: RankedModel, config: Pick<ReportConfig, 'ensembles'>): boolean =>
  kind === 'ensemble'
    ? enabledEnsembles(config).some(({ name }) => ensembleModelId(name) === model_id)
    : state === 'running';
