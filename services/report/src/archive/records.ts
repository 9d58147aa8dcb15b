import { archiveColumns, LimitTooSmall } from '@crunch-node/archive';
import { type Instant, instantOfMicros, microsOf } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import { announce } from '../plugins/freshness/answer.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import { choice, choices, instant, integer, query } from '../plugins/http/query.ts';
import { tsZ } from '../values/timestamps.ts';
import { clientSignal, parquetOf, streamOf } from './answer-query.ts';
import { type ArchiveContext, existingFeed, feedOfPath } from './feed-of-path.ts';
import { answer, contentTypes } from './schemas.ts';

const formats = Object.keys(contentTypes) as (keyof typeof contentTypes)[];

/** Records in the requested form and from the requested time, page by page. */
export const recordRoutes: FastifyPluginAsyncTypebox<ArchiveContext> = async (app, context) => {
  const { archive, slots, rowLimit } = context;
  const records = {
    tags: ['data'],
    summary: 'Records of a feed from the archive',
    params: Type.Object(feedOfPath),
    querystring: query({
      start: instant('first ts_event'),
      end: instant('last ts_event'),
      columns: choices(archiveColumns, 'default all'),
      format: choice(formats, 'default json'),
      limit: integer({ absent: rowLimit, minimum: 1, maximum: rowLimit }),
    }),
    response: { 200: answer },
  };
  app.get('/data/backfill/:source/:subject/:kind/:granularity', { schema: records }, async (request, reply) => {
    const { start, end, limit, columns, format = 'json' } = request.query;
    const feed = await existingFeed(context, request.params);
    const signal = clientSignal(request, reply);
    const question = {
      feed,
      startMicros: start === undefined ? undefined : microsOf(start),
      endMicros: end === undefined ? undefined : microsOf(end),
      limit,
    };
    const plan = await slots
      .run(() => archive.plan({ ...question, columns: columns ?? undefined }))
      .catch((error: unknown) => {
        throw error instanceof LimitTooSmall ? new HttpFault(422, `limit: ${error.message}`) : error;
      });
    announce(request, reply);
    reply.header('x-row-count', plan.rows).header('x-row-limit', limit).type(contentTypes[format]);
    if (plan.unreadable.length > 0) reply.header('x-unreadable-files', plan.unreadable.join(', '));
    if (plan.rejectedRows > 0) reply.header('x-rejected-rows', plan.rejectedRows);
    if (plan.nextMicros !== null) {
      const next = tsZ(instantOfMicros(plan.nextMicros));
      reply.header('x-next-start', next).header('link', `<${urlFrom(request, next)}>; rel="next"`);
    }
    const name = `${feed.source}-${feed.subject}-${feed.kind}-${feed.granularity}`;
    if (format !== 'json') reply.header('content-disposition', `attachment; filename="${name}.${format}"`);
    if (request.method === 'HEAD') return reply.send(''); // nothing is computed
    if (format !== 'parquet') return reply.send(streamOf(archive, plan, format, slots, signal));
    const { stream, length } = await parquetOf(archive, plan, slots, signal);
    return reply.header('content-length', length).send(stream);
  });
};

/** The same request from a later start. */
function urlFrom({ url }: FastifyRequest, start: Instant | string): string {
  const [path = '', text = ''] = url.split('?');
  const parameters = new URLSearchParams(text);
  // A link is copied more easily than a key should be; clients that follow it have a key of their own.
  parameters.delete('api_key');
  parameters.set('start', start);
  return `${path}?${parameters}`;
}
