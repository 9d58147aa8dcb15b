import { commonFailures } from '@crunch-node/projections';
import { addSeconds } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { readsUntilNow } from '../plugins/freshness/reads.ts';
import { instant, integer, query } from '../plugins/http/query.ts';
import type { RouteContext } from '../route-context.ts';
import { Failure } from './failure-schemas.ts';

const DAY_SECONDS = 24 * 3_600;

/** Reasons why answers of models, and their scores, failed. */
export const failureRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, now }) => {
  const schema = {
    tags: ['predictions'],
    summary: 'Why answers and scores failed, the commonest reasons first, each with its count and one of its models',
    querystring: query({
      start: instant('first performed_at, default a day before the end'),
      end: instant('last performed_at, default now'),
      limit: integer({ absent: 20, minimum: 1, maximum: 500 }),
    }),
    response: { 200: Type.Array(Failure) },
  };
  app.get(
    '/reports/failures',
    { schema, ...readsUntilNow('models', 'predictions', 'scores') },
    async ({ query: { start, end, limit } }) => {
      const until = end ?? (await now());
      return [...(await commonFailures(db, { start: start ?? addSeconds(until, -DAY_SECONDS), end: until, limit }))];
    },
  );
};
