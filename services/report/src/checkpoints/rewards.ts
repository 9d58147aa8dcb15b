import { isEnsemble, rewardRows } from '@crunch-node/domain';
import {
  type CheckpointPlace,
  checkpointSeries,
  type ListedCheckpoint,
  modelNames,
  newestCheckpoints,
} from '@crunch-node/projections';
import { byCodePoint, type Instant } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readsSpan } from '../plugins/freshness/reads.ts';
import { filter, givenInteger, instant, points, query } from '../plugins/http/query.ts';
import { rowsOf, thinnable } from '../plugins/http/thinned.ts';
import { type Part, partOf } from '../plugins/parts/part.ts';
import { sendParts } from '../plugins/parts/send-sliced.ts';
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
  app.get('/reports/checkpoints/rewards', { schema, ...readsSpan('checkpoints', 'models') }, async (request, reply) => {
    const { model_id, start, end, limit, points } = request.query;
    const rewardsIn = (checkpoint: ListedCheckpoint): Reward[] =>
      rewardsOf(checkpoint).filter((reward) => model_id === undefined || reward.model_id === model_id);
    const isSpan = points !== undefined || start !== undefined || end !== undefined;
    if (limit !== undefined || !isSpan) {
      const newest = await newestCheckpoints(db, { limit: limit ?? LIMIT.absent, start, end });
      return [...newest].sort((a, b) => byCodePoint(a.period_end, b.period_end)).flatMap(rewardsIn);
    }
    const most = Math.min(points ?? LIMIT.maximum, LIMIT.maximum);
    const span = { start: start ?? OLDEST, end: end ?? (await now()) };
    const found = rowsOf(reply, await checkpointSeries(db, { ...span, limit: most }));
    const chosen = [...found].reverse().sort((a, b) => byCodePoint(a.period_end, b.period_end));
    const prefix = `${request.routeOptions.url} ${request.freshness?.kept.identity} ${JSON.stringify(model_id ?? null)} `;
    return sendParts(request, reply, await rewardParts(request, reply, chosen, { db, prefix, rewardsIn }));
  });
};

/** Names of the models in a part: a checkpoint never changes, they do. */
type Names = ReadonlyMap<string, string | null>;

interface Making extends Pick<RouteContext, 'db'> {
  /** everything a part is a function of, besides the checkpoint and names */
  readonly prefix: string;
  readonly rewardsIn: (checkpoint: ListedCheckpoint) => Reward[];
}

/** A part for each checkpoint; those whose models still have the same names are used again. */
async function rewardParts(
  { freshness }: FastifyRequest,
  reply: FastifyReply,
  chosen: readonly CheckpointPlace[],
  { db, prefix, rewardsIn }: Making,
): Promise<Part[]> {
  const kept = freshness?.kept.parts;
  const known = new Map(chosen.map(({ checkpoint_id }) => [checkpoint_id, kept?.get<Names>(prefix + checkpoint_id)]));
  const ids = new Set([...known.values()].flatMap((one) => [...(one?.source.keys() ?? [])]));
  const names = await modelNames(db, [...ids]);
  const parts = new Map<string, Part>();
  for (const [checkpointId, one] of known)
    if (one !== undefined && [...one.source].every(([id, name]) => (names.get(id)?.model_name ?? null) === name))
      parts.set(checkpointId, one.part);
  const missing = chosen.flatMap(({ checkpoint_id: id }) => (parts.has(id) ? [] : [id]));
  const made = missing.length === 0 ? [] : await newestCheckpoints(db, { ids: missing, limit: missing.length });
  for (const checkpoint of made) {
    const rewards = rewardsIn(checkpoint);
    const part = partOf(String(reply.serializeInput(rewards as never, '200')).slice(1, -1));
    parts.set(checkpoint.checkpoint_id, part);
    const source: Names = new Map(checkpoint.ranking.map(({ model_id, model_name }) => [model_id, model_name]));
    kept?.put<Names>(prefix + checkpoint.checkpoint_id, { part, source });
  }
  return chosen.flatMap(({ checkpoint_id }) => parts.get(checkpoint_id) ?? []);
}

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
