import type { FeedKey, Json, JsonObject } from '@crunch-node/streams';
import { bigint, double, integer, json, nullable, oneOf, text, timestamp } from '../columns.ts';
import { defineTable, type RowOf } from '../define-table.ts';

/** What the predictions of a round share, stored once; skipped rounds have a reason. */
export const rounds = defineTable('rounds', {
  key: ['round_id'],
  columns: {
    round_id: text,
    partition: integer,
    scope_key: text,
    performed_at: timestamp,
    config_id: nullable(text),
    skipped_reason: nullable(text),
    scope: nullable(json<JsonObject>()),
    feed: nullable(json<FeedKey>()),
    resolvable_at: nullable(timestamp),
    input_id: nullable(text),
    window_first: nullable(text),
    window_last: nullable(text),
    window_count: nullable(integer),
    /** the input itself, only when it cannot be made again from the feed */
    input: nullable(json<Json>()),
    /** of a tournament: which round, as the API calls it, and which of its samples */
    tournament: nullable(text),
    sample: nullable(integer),
    timing: nullable(json<JsonObject>()),
    log_sequence: bigint,
  },
  observed: ['timing', 'log_sequence'],
  indexes: [['performed_at'], ['tournament']],
});
export type RoundRow = RowOf<typeof rounds>;

/** A model's prediction as recorded. Whether it was scored is another stream's fact, joined when read. */
export const predictions = defineTable('predictions', {
  key: ['round_id', 'model_id'],
  columns: {
    round_id: text,
    model_id: text,
    prediction_id: text,
    performed_at: timestamp,
    status: oneOf('PENDING', 'FAILED', 'ABSENT'),
    runner_status: nullable(oneOf('SUCCESS', 'FAILED', 'TIMEOUT')),
    reason: nullable(text),
    inference_output: json<JsonObject>(),
    exec_time_ms: nullable(double),
    log_sequence: bigint,
  },
  observed: ['exec_time_ms', 'log_sequence'],
  indexes: [['performed_at'], ['model_id', 'performed_at']],
});
export type PredictionRow = RowOf<typeof predictions>;
