import { type Static, Type } from '@sinclair/typebox';
import { Count, NullableTsOff, OpenObject, TsZ } from '../values/schemas.ts';

const key = { source: Type.String(), subject: Type.String(), kind: Type.String(), granularity: Type.String() };

export const Feed = Type.Object(
  {
    ...key,
    record_count: Count,
    late_count: Count,
    oldest_ts: NullableTsOff,
    newest_ts: NullableTsOff,
    watermark_ts: NullableTsOff,
    watermark_updated_at: NullableTsOff,
  },
  { title: 'Feed' },
);
export type Feed = Static<typeof Feed>;

export const FeedRecord = Type.Object(
  {
    ...key,
    ts_event: TsZ,
    ts_ingested: TsZ,
    values: OpenObject,
    meta: OpenObject,
  },
  { title: 'FeedRecord' },
);
export type FeedRecord = Static<typeof FeedRecord>;
