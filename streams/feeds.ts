import { type Static, Type } from '@sinclair/typebox';
import { closingSchema, defineClosedStream, defineEvent, type EventOf, type StreamEvent } from './define.ts';
import { Instant, millisOf } from './instant.ts';
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
 * A feed said something. `at` is when it became complete and knowable (open + granularity for a closed candle);
 * `ts_event` is what the feed itself calls its time, in epoch milliseconds.
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

/** Everything up to `end` has been said. Its place in the stream decides what is late, for every reader, for ever. */
export const FeedsCycleClosed = defineEvent('CycleClosed', {
  v: 1,
  data: closingSchema({
    /** tables need no records before it any more, by `ts_event`; absent where they keep all */
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
