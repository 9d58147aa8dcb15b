import { CommandRefused } from '@crunch-node/service';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import { flag, query } from '../plugins/http/query.ts';
import type { RouteContext } from '../route-context.ts';
import type { OperationsPort } from './port.ts';
import { DeadLetter, DeadLetterDetail, OperationsStatus } from './schemas.ts';

const tags = ['operations'];
const byOf = ({ keyName }: FastifyRequest): string =>
  keyName === undefined ? 'report API' : `report API, key ${keyName}`;

/** The pipeline as `crunch-node status` shows it, and messages that could not be read. */
export const operationsRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { operations }) => {
  const port = (): OperationsPort => {
    if (operations === undefined) throw new CommandRefused(503, 'this API has no connection to the pipeline');
    return operations;
  };
  const params = Type.Object({ id: Type.String() });
  const detail = { 200: DeadLetterDetail };

  const status = {
    tags,
    summary: 'Owner, lag and state of every stage and projection',
    response: { 200: OperationsStatus },
  };
  app.get('/operations/status', { schema: status }, () => port().status());

  const list = {
    tags,
    summary: 'Messages that could not be read',
    querystring: query({ all: flag(false, 'also those that are settled') }),
    response: { 200: Type.Array(DeadLetter) },
  };
  app.get('/operations/dead-letters', { schema: list }, async ({ query: { all } }) => [
    ...(await port().letters({ all })),
  ]);

  const one = { tags, summary: 'A message that could not be read', params, response: detail };
  app.get('/operations/dead-letters/:id', { schema: one }, ({ params: { id } }) => port().letter(id));

  const redrive = {
    tags,
    summary: 'Have it read after all, corrected or in its place',
    params,
    body: Type.Object({
      payload: Type.Optional(
        Type.String({ description: 'the corrected message; without it the message is read as it is' }),
      ),
    }),
    response: detail,
  };
  app.post('/operations/dead-letters/:id/redrive', { schema: redrive }, (request) =>
    port().redrive(request.params.id, request.body.payload, byOf(request)),
  );

  const discard = {
    tags,
    summary: 'Decide that it is not needed; it stays in its stream',
    params,
    body: Type.Object({ reason: Type.String({ minLength: 1 }) }),
    response: detail,
  };
  app.post('/operations/dead-letters/:id/discard', { schema: discard }, (request) =>
    port().discard(request.params.id, request.body.reason, byOf(request)),
  );
};
