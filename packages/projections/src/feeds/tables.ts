import type { JsonObject, Observations } from '@crunch-node/streams';
import { bigint, boolean, json, nullable, text, timestamp } from '../columns.ts';
import { defineTable, type RowOf } from '../define-table.ts';

const feedKey = { source: text, subject: text, kind: text, granularity: text };

export const feedRecords = defineTable('feed_records', {
  key: ['source', 'subject', 'kind', 'granularity', 'ts_event', 'ordinal'],
  columns: {
    ...feedKey,
    /** the feed's own time: a candle's open */
    ts_event: timestamp,
    /** keeps records of one millisecond apart; empty when there is none */
    ordinal: text,
    /** id of the event, which ground truths and input windows refer to */
    record_id: text,
    /** when it was complete and knowable */
    at: timestamp,
    /** it followed the closing of its own cycle: no round, no ground truth */
    late: boolean,
    values: json<JsonObject>(),
    metadata: nullable(json<JsonObject>()),
    ts_ingested: nullable(timestamp),
    obs: nullable(json<Observations>()),
    log_sequence: bigint,
  },
  observed: ['ts_ingested', 'obs', 'log_sequence'],
  indexes: [['ts_event']],
});
export type FeedRecordRow = RowOf<typeof feedRecords>;

/** Counters per feed, maintained with the records, since the UI needs them on every page. */
export const feedIngestionState = defineTable('feed_ingestion_state', {
  key: ['source', 'subject', 'kind', 'granularity'],
  columns: {
    ...feedKey,
    record_count: bigint,
    late_count: bigint,
    oldest_ts: timestamp,
    /** the watermark: never moves backwards */
    newest_ts: timestamp,
    updated_at: nullable(timestamp),
  },
  observed: ['updated_at'],
  write: 'replace',
});
export type FeedIngestionStateRow = RowOf<typeof feedIngestionState>;
