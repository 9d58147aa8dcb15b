import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { RouteMeans } from '../route-means.ts';

const Health = Type.Object({ status: Type.String(), version: Type.String() }, { title: 'Health' });

/** `/healthz`: the process lives, whatever else does not. `/readyz`: its database answers. */
export const healthRoutes: FastifyPluginAsyncTypebox<RouteMeans> = async (app, { db, version }) => {
  const about = (summary: string) => ({ tags: ['system'], summary, response: { 200: Health } });
  app.get('/healthz', { schema: about('The process lives') }, () => ({ status: 'ok', version }));

  app.get('/readyz', { schema: about('Its database answers') }, async () => {
    await sql`select 1`.execute(db);
    return { status: 'ready', version };
  });
};
