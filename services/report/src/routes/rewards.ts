import { isEnsemble, rewardRows } from '@crunch-node/domain';
import { type ListedCheckpoint, newestCheckpoints } from '@crunch-node/projections';
import { byCodePoint } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../freshness/reads.ts';
import { filter, integer, query } from '../http/query.ts';
import { numbersIn } from '../numbers-in.ts';
import type { RouteMeans } from '../route-means.ts';
import { Reward } from '../schemas/checkpoint-exports.ts';
import { tsNaive, tsZ } from '../timestamps.ts';

export const rewardRoutes: FastifyPluginAsyncTypebox<RouteMeans> = async (app, { db }) => {
  const schema = {
    tags: ['checkpoints'],
    summary: 'What each model earned, oldest checkpoint first, best first',
    querystring: query({
      model_id: filter('exact'),
      limit: integer({ absent: 20, minimum: 1, maximum: 100 }),
    }),
    response: { 200: Type.Array(Reward) },
  };
  app.get(
    '/reports/checkpoints/rewards',
    { schema, ...reads('checkpoints', 'models') },
    async ({ query: { model_id, limit } }) => {
      const checkpoints = await newestCheckpoints(db, { limit });
      return checkpoints
        .sort((a, b) => byCodePoint(a.period_end, b.period_end))
        .flatMap(rewardsOf)
        .filter((reward) => model_id === undefined || reward.model_id === model_id);
    },
  );
};

/** Fixed fields come last: a metric cannot take the name of one. */
const rewardsOf = ({ checkpoint_id, period_start, period_end, emission, ranking }: ListedCheckpoint): Reward[] => {
  const rewards = new Map(rewardRows(emission, ranking).map(({ rank, reward_pct }) => [rank, reward_pct]));
  return ranking
    .filter(({ model_id }) => !isEnsemble(model_id))
    .map(({ model_id, model_name, rank, prediction_count, result_summary }) => ({
      ...numbersIn(result_summary),
      checkpoint_id,
      period_start: tsZ(period_start),
      period_end: tsNaive(period_end),
      model_id,
      model_name,
      rank,
      reward_pct: rewards.get(rank) ?? null,
      prediction_count,
    }));
};
