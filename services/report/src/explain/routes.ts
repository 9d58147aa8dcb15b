import { derivationOf } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../plugins/freshness/reads.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import { integer, query } from '../plugins/http/query.ts';
import type { RouteContext } from '../route-context.ts';
import { explanationOf } from './explanation.ts';
import { Explanation } from './schemas.ts';

export const explainRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db }) => {
  const schema = {
    tags: ['predictions'],
    summary: 'How the score of a prediction came to be, or why there is none',
    params: Type.Object({ id: Type.String() }),
    querystring: query({ records: integer({ absent: 100, minimum: 0, maximum: 1_000 }) }),
    response: { 200: Explanation },
  };
  app.get(
    '/reports/predictions/:id/explain',
    { schema, ...reads('predictions', 'scores', 'signals', 'feeds', 'configurations', 'models') },
    async ({ params: { id }, query: { records } }) => {
      const found = await derivationOf(db, id, records);
      if (found === undefined) throw new HttpFault(404, `There is no prediction ${id}`);
      return explanationOf(found);
    },
  );
};
