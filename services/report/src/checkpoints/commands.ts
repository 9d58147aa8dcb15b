import { checkpointStatuses } from '@crunch-node/domain';
import { type ListedCheckpoint, newestCheckpoints } from '@crunch-node/projections';
import type { CheckpointClaimable, CheckpointPaid, CheckpointSubmitted } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { whenCaughtUp } from '../caught-up.ts';
import { bodyObject, closingSignal, command } from '../command-client.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import type { RouteContext } from '../route-context.ts';
import { checkpointOf } from './routes.ts';
import { Checkpoint } from './schemas.ts';

type Asked = Pick<FastifyRequest, 'body' | 'keyName'>;
type Step = CheckpointSubmitted | CheckpointClaimable | CheckpointPaid;

const STATUS = { CheckpointSubmitted: 'SUBMITTED', CheckpointClaimable: 'CLAIMABLE', CheckpointPaid: 'PAID' } as const;
const WAIT_MS = 5_000;

/** An operator's steps. The checkpoint stage decides them; the response shows the checkpoint with the step taken. */
export const checkpointCommandRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, log }) => {
  const signal = closingSignal(app);
  const params = Type.Object({ id: Type.String() });
  const response = { 200: Checkpoint };

  async function take(
    name: string,
    checkpoint_id: string,
    { body, keyName }: Asked,
    reply: FastifyReply,
  ): Promise<Checkpoint> {
    const step = await command<Step>(log, name, { ...bodyObject(body), checkpoint_id, by: keyName ?? null }, reply);
    const status = STATUS[step.type];
    const place = checkpointStatuses.indexOf(status);
    const found = await whenCaughtUp(
      async (): Promise<ListedCheckpoint | undefined> =>
        (await newestCheckpoints(db, { id: checkpoint_id, limit: 1 }))[0],
      (row) => row !== undefined && checkpointStatuses.indexOf(row.status) >= place,
      { waitMs: WAIT_MS, signal },
    );
    if (found === undefined || checkpointStatuses.indexOf(found.status) < place) {
      throw new HttpFault(503, `${checkpoint_id} is ${status} now, but the read model does not show it yet`);
    }
    return checkpointOf(found);
  }

  const confirm = {
    tags: ['checkpoints'],
    summary: 'Record that a checkpoint was submitted to the chain',
    params,
    body: Type.Object({ tx_hash: Type.String({ minLength: 1 }) }),
    response,
  };
  app.post('/reports/checkpoints/:id/confirm', { schema: confirm }, (request, reply) =>
    take('checkpoints.confirm', request.params.id, request, reply),
  );

  const status = {
    tags: ['checkpoints'],
    summary: 'Take a checkpoint to its next status',
    params,
    body: Type.Object({
      status: Type.String({ description: checkpointStatuses.join(', ') }),
      tx_hash: Type.Optional(Type.String({ description: 'needed for SUBMITTED' })),
    }),
    response,
  };
  app.patch('/reports/checkpoints/:id/status', { schema: status }, (request, reply) =>
    take('checkpoints.status', request.params.id, request, reply),
  );
};
