import { type Static, Type } from '@sinclair/typebox';
import { closingSchema, defineClosedStream, defineEvent, type EventOf, type StreamEvent } from './define.ts';
import { millisOf } from './instant.ts';
import { Instant } from './instant-schema.ts';
import { JsonObject } from './json.ts';
import { escapeToken, idOf } from './token.ts';

/** The four dimensions of a feed. `subject` is the asset. */
export const FeedKey = Type.Object({
  source: Type.String(),
  subject: Type.String(),
  kind: Type.String(),
  granularity: Type.String(),
});
export type FeedKey = Static<typeof FeedKey>;

/** Text form of a feed key, for maps and sorting: `binance:BTCUSDT:candle:1m`. */
export const feedKeyText = ({ source, subject, kind, granularity }: FeedKey): string =>
  idOf(source, subject, kind, granularity);

export const feedNatsSubject = ({ source, subject, kind, granularity }: FeedKey): string =>
  `feeds.${escapeToken(source)}.${escapeToken(subject)}.${escapeToken(kind)}.${escapeToken(granularity)}`;

/**
 * A record of a feed. `at` is when it became complete and knowable (open + granularity for a closed candle); `ts_event`
 * is the feed's own time of it, in epoch milliseconds.
 */
export const FeedRecorded = defineEvent('FeedRecorded', {
  v: 1,
  data: Type.Composite([
    FeedKey,
    Type.Object({
      ts_event: Type.Integer(),
      /** trade id or ordinal, where several records share a millisecond */
      ordinal: Type.Optional(Type.String()),
      values: JsonObject,
      metadata: Type.Optional(JsonObject),
    }),
  ]),
  id: (data) =>
    data.ordinal === undefined
      ? `feed:${feedKeyText(data)}:${data.ts_event}`
      : `feed:${feedKeyText(data)}:${data.ts_event}:${escapeToken(data.ordinal)}`,
  natsSubject: feedNatsSubject,
});
export type FeedRecorded = EventOf<typeof FeedRecorded>;

/**
 * Every record up to `end` has been published. Its sequence decides which records are late, permanently and for every
 * reader.
 */
export const FeedsCycleClosed = defineEvent('CycleClosed', {
  v: 1,
  data: closingSchema({
    /** records before it are no longer needed in tables, by `ts_event`; absent if they keep all */
    records_kept_from: Type.Optional(Instant),
  }),
  id: ({ end }) => idOf('cycle', 'feeds', millisOf(end)),
  natsSubject: () => 'feeds.cycle',
});
export type FeedsCycleClosed = EventOf<typeof FeedsCycleClosed>;

export const feeds = defineClosedStream(
  'FEEDS',
  ['feeds.*.*.*.*', 'feeds.cycle'],
  [FeedRecorded, FeedsCycleClosed],
  () => 'feeds.cycle',
);
export type FeedEvent = StreamEvent<typeof feeds>;
