import type { GroundTruthRecords, JsonObject } from '@crunch-node/streams';
import type { Static } from '@sinclair/typebox';
import { bigint, boolean, double, integer, json, nullable, numeric, oneOf, text, timestamp } from '../columns.ts';
import { defineTable, type RowOf } from '../define-table.ts';

/** A finished round: its ground truth, and the records it was resolved from. */
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
  indexes: [['performed_at']],
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

/** A cycle in which a partition scored something, from its closing: under which configuration, and how much. */
export const scoreCycles = defineTable('score_cycles', {
  key: ['partition', 'cycle_end'],
  columns: {
    /** a number, or `ensemble` */
    partition: text,
    cycle_end: timestamp,
    config_hash: text,
    rounds: integer,
    /** SHA-256 of the ids of its rounds */
    rounds_hash: text,
    log_sequence: bigint,
  },
  observed: ['log_sequence'],
});
export type ScoreCycleRow = RowOf<typeof scoreCycles>;

const scoreSums = {
  model_id: text,
  scope_key: text,
  scored: integer,
  total: numeric,
  /** newest prediction of them */
  performed_at: timestamp,
};

/**
 * Sums of a model's successful scores of an hour, by scope and by when the predictions were performed (UTC): averages
 * over weeks need sums of days and a few hours rather than tens of thousands of scores.
 */
export const scoreHours = defineTable('score_hours', {
  key: ['model_id', 'scope_key', 'hour'],
  columns: { ...scoreSums, hour: timestamp },
  indexes: [['hour']],
  write: 'replace',
});
export type ScoreHourRow = RowOf<typeof scoreHours>;

export const scoreDays = defineTable('score_days', {
  key: ['model_id', 'scope_key', 'day'],
  columns: { ...scoreSums, day: timestamp },
  write: 'replace',
});
export type ScoreDayRow = RowOf<typeof scoreDays>;

/** Every scope that was ever scored. */
export const scoreScopes = defineTable('score_scopes', {
  key: ['scope_key'],
  columns: {
    scope_key: text,
    /** of the newest round */
    scope: json<JsonObject>(),
    performed_at: timestamp,
    /** the longest it ever took from a prediction to its score */
    lag_seconds: double,
  },
  indexes: [['performed_at']],
  write: 'replace',
});
export type ScoreScopeRow = RowOf<typeof scoreScopes>;
