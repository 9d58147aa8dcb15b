import {
  type ArchiveColumn,
  archiveColumns,
  isArchiveColumn,
  LimitTooSmall,
  openFeedArchive,
} from '@crunch-node/archive';
import { gridSecondsOf, isArchiveName } from '@crunch-node/domain';
import { type FeedKey, type Instant, instantOfMicros, microsOf, millisOf } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import { clientSignal, parquetOf, streamOf } from '../archive/answer-query.ts';
import { sendFile } from '../archive/send-file.ts';
import { createSlots } from '../archive/slots.ts';
import { announce } from '../freshness/answer.ts';
import { HttpFault } from '../http/errors.ts';
import { filter, idList, instant, integer, query } from '../http/query.ts';
import type { RouteMeans } from '../route-means.ts';
import { ArchiveFile, answer, contentTypes, Gaps, parquetFile } from '../schemas/data.ts';
import { orNull, tsZ } from '../timestamps.ts';

const DEFAULT_ARCHIVE = { dir: 'data/backfill', rowLimit: 1_000_000 } as const;

const COMPUTING = 2;
const WAITING = 32;
const LONGEST_GAP_LIST = 1_000;
const tags = ['data'];

/** The archive of feed records: its index, its files, and what is in them. */
export const dataRoutes: FastifyPluginAsyncTypebox<RouteMeans> = async (app, { archive: settings, logger }) => {
  const { dir, rowLimit } = { ...DEFAULT_ARCHIVE, ...settings };
  const archive = openFeedArchive({
    root: dir,
    onUnreadable: (file, error) => logger?.warn({ err: error, file }, 'a file of the archive cannot be read'),
  });
  app.addHook('onClose', () => archive.close());
  const slots = createSlots(COMPUTING, WAITING);
  const dimensions = { source: Type.String(), subject: Type.String(), kind: Type.String(), granularity: Type.String() };
  const params = Type.Object(dimensions);

  const index = {
    tags,
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
    tags,
    summary: 'A file of the archive; ranges of it can be asked for',
    params: Type.Object({ ...dimensions, filename: Type.String() }),
    response: { 200: parquetFile, 206: parquetFile },
  };
  app.route({
    method: ['GET', 'HEAD'],
    url: '/data/backfill/:source/:subject/:kind/:granularity/:filename',
    schema: file,
    async handler(request, reply) {
      const { source, subject, kind, granularity, filename } = request.params;
      announce(request, reply);
      const path = await archive.file([source, subject, kind, granularity, filename]);
      if (path === null) throw new HttpFault(404, 'there is no such file in the archive');
      return sendFile(request, reply, path);
    },
  });

  const gaps = {
    tags,
    summary: 'What the archive lacks of a feed',
    params,
    querystring: query({ start: instant('default: its first record'), end: instant('default: its last record') }),
    response: { 200: Gaps },
  };
  app.get('/data/backfill/:source/:subject/:kind/:granularity/gaps', { schema: gaps }, async (request, reply) => {
    const feed = await existing(request.params);
    const { start, end } = request.query;
    announce(request, reply);
    const found = await slots.run(() =>
      archive.gaps({
        feed,
        stepSeconds: gridSecondsOf(feed),
        startMs: start === undefined ? undefined : millisOf(start),
        endMs: end === undefined ? undefined : Math.min(millisOf(end), Date.now()),
        most: LONGEST_GAP_LIST,
      }),
    );
    return {
      ...feed,
      ...found,
      start: orNull(tsZ)(found.start),
      end: orNull(tsZ)(found.end),
      gaps: found.gaps.map((gap) => ({ ...gap, start: tsZ(gap.start), end: tsZ(gap.end) })),
      unreadable: [...found.unreadable],
    };
  });

  const records = {
    tags,
    summary: 'Records of a feed from the archive',
    params,
    querystring: query({
      start: instant('first ts_event'),
      end: instant('last ts_event'),
      columns: idList(`of ${archiveColumns.join(', ')}; default all`),
      format: filter('parquet, csv, json or arrow; default json'),
      limit: integer({ absent: rowLimit, minimum: 1, maximum: rowLimit }),
    }),
    response: { 200: answer },
  };
  app.get('/data/backfill/:source/:subject/:kind/:granularity', { schema: records }, async (request, reply) => {
    const { start, end, limit, columns, format = 'json' } = request.query;
    if (!isFormat(format)) {
      throw new HttpFault(422, `format: expected parquet, csv, json or arrow, received ${JSON.stringify(format)}`);
    }
    const chosen = chosenColumns(columns);
    const feed = await existing(request.params);
    const signal = clientSignal(request, reply);
    const question = {
      feed,
      startMicros: start === undefined ? undefined : microsOf(start),
      endMicros: end === undefined ? undefined : microsOf(end),
      limit,
    };
    const plan = await slots
      .run(() => archive.plan({ ...question, columns: chosen }))
      .catch((error: unknown) => {
        throw error instanceof LimitTooSmall ? new HttpFault(422, `limit: ${error.message}`) : error;
      });
    announce(request, reply);
    reply.header('x-row-count', plan.rows).header('x-row-limit', limit).type(contentTypes[format]);
    if (plan.unreadable.length > 0) reply.header('x-unreadable-files', plan.unreadable.join(', '));
    if (plan.nextMicros !== null) {
      const next = tsZ(instantOfMicros(plan.nextMicros));
      reply.header('x-next-start', next).header('link', `<${urlFrom(request, next)}>; rel="next"`);
    }
    const name = `${feed.source}-${feed.subject}-${feed.kind}-${feed.granularity}`;
    if (format !== 'json') reply.header('content-disposition', `attachment; filename="${name}.${format}"`);
    if (format !== 'parquet') return reply.send(streamOf(archive, plan, format, slots, signal));
    const { stream, length } = await parquetOf(archive, plan, slots, signal);
    return reply.header('content-length', length).send(stream);
  });

  /** @throws {HttpFault} 404 also for what could not be a feed */
  async function existing(feed: FeedKey): Promise<FeedKey> {
    const isOne = Object.values(feed).every(isArchiveName) && (await archive.holds(feed));
    if (!isOne) throw new HttpFault(404, 'there is no such feed in the archive');
    return feed;
  }
};

const isFormat = (format: string): format is keyof typeof contentTypes => Object.hasOwn(contentTypes, format);

function chosenColumns(names: readonly string[] | null): readonly ArchiveColumn[] | undefined {
  if (names === null || names.length === 0) return undefined;
  const unknown = names.filter((name) => !isArchiveColumn(name));
  if (unknown.length > 0) {
    throw new HttpFault(422, `columns: expected some of ${archiveColumns.join(', ')}, received ${unknown.join(', ')}`);
  }
  return [...new Set(names.filter(isArchiveColumn))];
}

/** The same question, later. */
function urlFrom({ url }: FastifyRequest, start: Instant | string): string {
  const [path = '', text = ''] = url.split('?');
  const parameters = new URLSearchParams(text);
  // Whoever follows the link has a key of their own; a link is copied more easily than a key should be.
  parameters.delete('api_key');
  parameters.set('start', start);
  return `${path}?${parameters}`;
}
