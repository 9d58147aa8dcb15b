import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { RouteMeans } from '../route-means.ts';

const Health = Type.Object({ status: Type.String(), version: Type.String() });

/** `/healthz`: the process lives, whatever else does not. `/readyz`: its database answers. */
export const healthRoutes: FastifyPluginAsyncTypebox<RouteMeans> = async (app, { db, version }) => {
  app.get('/healthz', { schema: { tags: ['system'], response: { 200: Health } } }, () => ({ status: 'ok', version }));

  app.get('/readyz', { schema: { tags: ['system'], response: { 200: Health } } }, async () => {
    await sql`select 1`.execute(db);
    return { status: 'ready', version };
  });
};
