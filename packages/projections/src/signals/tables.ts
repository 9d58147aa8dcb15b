import type { EnsembleSignalled, FeedKey, JsonObject } from '@crunch-node/streams';
import { bigint, double, json, nullable, text, timestamp } from '../columns.ts';
import { defineTable, type RowOf } from '../define-table.ts';

/** Signals of ensembles: the predictions of virtual models. */
export const signals = defineTable('signals', {
  key: ['name', 'scope_key', 'performed_at'],
  columns: {
    name: text,
    scope_key: text,
    performed_at: timestamp,
    round_id: text,
    model_id: text,
    prediction_id: text,
    scope: json<JsonObject>(),
    feed: nullable(json<FeedKey>()),
    resolvable_at: nullable(timestamp),
    input_id: text,
    output_field: text,
    value: nullable(double),
    members: json<EnsembleSignalled['data']['members']>(),
    weights_cycle_end: nullable(timestamp),
    log_sequence: bigint,
  },
  observed: ['log_sequence'],
  indexes: [['name', 'performed_at']],
});
export type SignalRow = RowOf<typeof signals>;

/** Every virtual model that ever had a signal. */
export const ensembles = defineTable('ensembles', {
  key: ['model_id'],
  columns: { model_id: text, name: text },
});
export type EnsembleRow = RowOf<typeof ensembles>;
