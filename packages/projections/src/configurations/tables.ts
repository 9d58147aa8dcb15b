import type { JsonObject } from '@crunch-node/streams';
import { bigint, boolean, integer, json, oneOf, text, timestamp } from '../columns.ts';
import { defineTable, type RowOf } from '../define-table.ts';

export const configActivations = defineTable('config_activations', {
  key: ['revision'],
  columns: {
    revision: integer,
    config_hash: text,
    pace: oneOf('live', 'replay'),
    partitions: integer,
    cycle_seconds: integer,
    ensembles: json<readonly string[]>(),
    config: json<JsonObject>(),
    activated_at: timestamp,
    log_sequence: bigint,
  },
  observed: ['activated_at', 'log_sequence'],
});
export type ConfigActivationRow = RowOf<typeof configActivations>;

/** The schedule of each activation, retired entries included, since old predictions still refer to them. */
export const scheduledConfigs = defineTable('scheduled_configs', {
  key: ['revision', 'position'],
  columns: {
    revision: integer,
    /** place in the configured list, from 0 */
    position: integer,
    config_id: text,
    scope_key: text,
    scope: json<JsonObject>(),
    prediction_interval_seconds: integer,
    resolve_horizon_seconds: integer,
    active: boolean,
    order: integer,
    meta: json<JsonObject>(),
  },
  indexes: [['config_id']],
});
export type ScheduledConfigRow = RowOf<typeof scheduledConfigs>;
