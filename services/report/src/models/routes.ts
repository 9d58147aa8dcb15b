import { listModels } from '@crunch-node/projections';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { reads } from '../plugins/freshness/reads.ts';
import type { RouteContext } from '../route-context.ts';
import { Model } from './schemas.ts';

export const modelRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db }) => {
  const schema = {
    tags: ['models'],
    summary: 'Every model ever seen',
    response: { 200: Type.Array(Model) },
  };
  app.get('/reports/models', { schema, ...reads('models', 'signals', 'configurations') }, async () => {
    const models = await listModels(db);
    return models.map(
      ({ state, ...model }) => ({ ...model, status: state === 'running' ? 'active' : 'inactive' }) as const,
    );
  });
};
