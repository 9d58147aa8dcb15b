import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { announce } from '../plugins/freshness/answer.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import { filter, instant, query } from '../plugins/http/query.ts';
import { type ArchiveContext, feedOfPath } from './feed-of-path.ts';
import { ArchiveFile, parquetFile } from './schemas.ts';
import { sendFile } from './send-file.ts';

/** The index of files, and the files themselves. */
export const fileRoutes: FastifyPluginAsyncTypebox<ArchiveContext> = async (app, { archive, slots }) => {
  const index = {
    tags: ['data'],
    summary: 'Every file of the archive',
    querystring: query({
      source: filter('exact'),
      subject: filter('exact'),
      kind: filter('exact'),
      granularity: filter('exact'),
      start: instant('first day'),
      end: instant('last day'),
    }),
    response: { 200: Type.Array(ArchiveFile) },
  };
  app.get('/data/backfill/index', { schema: index }, async (request, reply) => {
    const { start, end, ...names } = request.query;
    announce(request, reply);
    const named = Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined));
    const days = { ...(start && { from: start.slice(0, 10) }), ...(end && { to: end.slice(0, 10) }) };
    return slots.run(() => archive.index.list({ ...named, ...days }));
  });

  const file = {
    tags: ['data'],
    summary: 'A file of the archive; ranges of it can be asked for',
    params: Type.Object({ ...feedOfPath, filename: Type.String() }),
    response: { 200: parquetFile, 206: parquetFile },
  };
  app.route({
    method: ['GET', 'HEAD'],
    url: '/data/backfill/:source/:subject/:kind/:granularity/:filename',
    schema: file,
    // As Fastify does for routes whose HEAD it adds itself: a refusal has the length of its text, and no text.
    async onSend(request, reply, payload) {
      if (request.method !== 'HEAD' || typeof payload !== 'string') return payload;
      reply.header('content-length', Buffer.byteLength(payload));
      return null;
    },
    async handler(request, reply) {
      const { source, subject, kind, granularity, filename } = request.params;
      announce(request, reply);
      const path = await archive.file([source, subject, kind, granularity, filename]);
      if (path === null) throw new HttpFault(404, 'there is no such file in the archive');
      return sendFile(request, reply, path);
    },
  });
};
