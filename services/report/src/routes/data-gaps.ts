import { gridSecondsOf } from '@crunch-node/domain';
import { millisOf } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { type ArchiveContext, existingFeed, feedOfPath } from '../archive/feed-of-path.ts';
import { announce } from '../freshness/answer.ts';
import { instant, query } from '../http/query.ts';
import { Gaps } from '../schemas/data.ts';
import { orNull, tsZ } from '../timestamps.ts';

const LONGEST_GAP_LIST = 1_000;

export const gapRoutes: FastifyPluginAsyncTypebox<ArchiveContext> = async (app, context) => {
  const { archive, slots } = context;
  const gaps = {
    tags: ['data'],
    summary: 'What the archive lacks of a feed',
    params: Type.Object(feedOfPath),
    querystring: query({ start: instant('default: its first record'), end: instant('default: its last record') }),
    response: { 200: Gaps },
  };
  app.get('/data/backfill/:source/:subject/:kind/:granularity/gaps', { schema: gaps }, async (request, reply) => {
    const feed = await existingFeed(context, request.params);
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
};
