import { gridSecondsOf } from '@crunch-node/domain';
import { millisOf } from '@crunch-node/streams';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { announce } from '../plugins/freshness/answer.ts';
import { instant, query } from '../plugins/http/query.ts';
import { orNull, tsZ } from '../values/timestamps.ts';
import { type ArchiveContext, existingFeed, feedOfPath } from './feed-of-path.ts';
import { Gaps } from './schemas.ts';

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
