import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { RouteContext } from '../route-context.ts';

const Info = Type.Object(
  { crunch_id: Type.String(), crunch_address: Type.String(), network: Type.String() },
  { title: 'Info' },
);

export const infoRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { config }) => {
  app.get(
    '/info',
    { schema: { tags: ['system'], summary: 'Which competition this is', response: { 200: Info } } },
    () => ({
      crunch_id: config.crunch_id,
      crunch_address: config.crunch_pubkey,
      network: config.network,
    }),
  );
};
