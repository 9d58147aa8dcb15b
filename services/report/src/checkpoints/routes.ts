import { checkpointStatuses } from '@crunch-node/domain';
import { type ListedCheckpoint, newestCheckpoints } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../plugins/freshness/reads.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import { choice, integer, query } from '../plugins/http/query.ts';
import type { RouteContext } from '../route-context.ts';
import { orNull, tsZ } from '../values/timestamps.ts';
import { Checkpoint } from './schemas.ts';

export const checkpointRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db }) => {
  const list = {
    tags: ['checkpoints'],
    summary: 'Checkpoints, newest first',
    querystring: query({
      status: choice(checkpointStatuses, 'at which step'),
      limit: integer({ absent: 20, minimum: 1, maximum: 100 }),
    }),
    response: { 200: Type.Array(Checkpoint) },
  };
  app.get('/reports/checkpoints', { schema: list, ...reads('checkpoints', 'models') }, async ({ query: filters }) =>
    (await newestCheckpoints(db, filters)).map(checkpointOf),
  );

  const latest = { tags: ['checkpoints'], summary: 'The newest checkpoint', response: { 200: Checkpoint } };
  app.get('/reports/checkpoints/latest', { schema: latest, ...reads('checkpoints', 'models') }, async () => {
    const [newest] = await newestCheckpoints(db, { limit: 1 });
    if (newest === undefined) throw new HttpFault(404, 'There is no checkpoint yet');
    return checkpointOf(newest);
  });
};

/** As the API shows it. */
export const checkpointOf = ({ checkpoint_id, emission, ranking, ...found }: ListedCheckpoint): Checkpoint => ({
  id: checkpoint_id,
  period_start: tsZ(found.period_start),
  period_end: tsZ(found.period_end),
  status: found.status,
  entries: [emission],
  // Both of the models that are ranked: the event also counts the snapshots of ensembles, which are not.
  meta: {
    snapshot_count: ranking.reduce((sum, ranked) => sum + ranked.snapshot_count, 0),
    model_count: ranking.length,
    ranking: [...ranking],
  },
  created_at: tsZ(found.created_at),
  tx_hash: found.tx_hash,
  submitted_at: orNull(tsZ)(found.submitted_at),
  merkle_root: found.merkle_root,
});
