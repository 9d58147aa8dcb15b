import { Type } from '@sinclair/typebox';
import { Count, described, NullableText, NullableTsZ } from '../values/schemas.ts';

export const Health = Type.Object({ status: Type.String(), version: Type.String() }, { title: 'Health' });

export const Readiness = Type.Object(
  {
    status: Type.String(),
    version: Type.String(),
    log: Type.Unsafe<'connected' | 'away' | 'none'>({
      type: 'string',
      enum: ['connected', 'away', 'none'],
      description: 'where changes go; none: this API only reads',
    }),
    projections: Type.Array(
      Type.Object({
        projection: Type.String(),
        position: Type.String({ description: 'stream and sequence applied: `LEADERBOARDS:120`' }),
        event_time: NullableText,
      }),
      { description: 'those that have begun' },
    ),
    feeds: Type.Object(
      {
        count: Count,
        newest_ts: described(NullableTsZ, 'newest record of the feed that is ahead of the others'),
        stalest_ts: described(NullableTsZ, 'newest record of the feed that is behind the others'),
      },
      { title: 'FeedFreshness' },
    ),
  },
  { title: 'Readiness' },
);
