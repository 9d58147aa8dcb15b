import type { GroundTruthRecords, JsonObject } from '@crunch-node/streams';
import type { Static } from '@sinclair/typebox';
import { bigint, boolean, double, json, nullable, oneOf, text, timestamp } from '../columns.ts';
import { defineTable, type RowOf } from '../define-table.ts';

/** A finished round: what really happened, and from which records that was read. */
export const scoredRounds = defineTable('scored_rounds', {
  key: ['round_id'],
  columns: {
    round_id: text,
    /** a number, or `ensemble` */
    partition: text,
    scope_key: text,
    performed_at: timestamp,
    resolvable_at: timestamp,
    input_id: text,
    ground_truth: nullable(json<JsonObject>()),
    ground_truth_records: nullable(json<Static<typeof GroundTruthRecords>>()),
    scored_at: timestamp,
    log_sequence: bigint,
  },
  observed: ['log_sequence'],
});
export type ScoredRoundRow = RowOf<typeof scoredRounds>;

export const scores = defineTable('scores', {
  key: ['round_id', 'model_id'],
  columns: {
    round_id: text,
    model_id: text,
    score_id: text,
    prediction_id: text,
    outcome: oneOf('scored', 'failed', 'expired'),
    /** the result's `value`, when it is a number */
    value: nullable(double),
    result: nullable(json<JsonObject>()),
    success: boolean,
    failed_reason: nullable(text),
    scored_at: timestamp,
    log_sequence: bigint,
  },
  observed: ['log_sequence'],
});
export type ScoreRow = RowOf<typeof scores>;
