import { isEnsemble, rewardRows } from '@crunch-node/domain';
import { checkpointSeries, type ListedCheckpoint, newestCheckpoints } from '@crunch-node/projections';
import { byCodePoint, type Instant } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../plugins/freshness/reads.ts';
import { filter, givenInteger, instant, points, query } from '../plugins/http/query.ts';
import { rowsOf, thinnable } from '../plugins/http/thinned.ts';
import type { RouteContext } from '../route-context.ts';
import { numbersIn } from '../values/numbers-in.ts';
import { tsNaive, tsZ } from '../values/timestamps.ts';
import { Reward } from './export-schemas.ts';

const LIMIT = {
  absent: 20,
  minimum: 1,
  maximum: 100,
  description:
    'the newest so many checkpoints; without it, a span that is asked for is answered whole, and where it has more ' +
    'than 100 checkpoints, with the last one of each fixed stretch of time',
};
const OLDEST: Instant = '1970-01-01T00:00:00.000000Z';

export const rewardRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, now }) => {
  const schema = {
    tags: ['checkpoints'],
    summary: 'What each model earned, oldest checkpoint first, best first',
    querystring: query({
      model_id: filter('exact'),
      start: instant('first end of a period'),
      end: instant('last end of a period'),
      limit: givenInteger(LIMIT),
      points,
    }),
    response: { 200: thinnable(Type.Array(Reward)) },
  };
  app.get(
    '/reports/checkpoints/rewards',
    { schema, ...reads('checkpoints', 'models') },
    async ({ query: { model_id, start, end, limit, points } }, reply) => {
      const isSpan = points !== undefined || start !== undefined || end !== undefined;
      const span = { start: start ?? OLDEST, end: end ?? (await now()), limit: points ?? LIMIT.maximum };
      const checkpoints =
        limit === undefined && isSpan
          ? rowsOf(reply, await checkpointSeries(db, { ...span, limit: Math.min(span.limit, LIMIT.maximum) }))
          : await newestCheckpoints(db, { limit: limit ?? LIMIT.absent, start, end });
      return [...checkpoints]
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
