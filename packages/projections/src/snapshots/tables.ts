import type { JsonObject } from '@crunch-node/streams';
import { bigint, integer, json, nullable, text, timestamp } from '../columns.ts';
import { defineTable, type RowOf } from '../define-table.ts';

export const snapshots = defineTable('snapshots', {
  key: ['model_id', 'cycle_end'],
  columns: {
    model_id: text,
    cycle_end: timestamp,
    snapshot_id: text,
    period_start: timestamp,
    period_end: timestamp,
    prediction_count: integer,
    failed_count: integer,
    result_summary: json<JsonObject>(),
    unavailable: json<Readonly<Record<string, string>>>(),
    content_hash: text,
    created_at: timestamp,
    log_sequence: bigint,
  },
  observed: ['log_sequence'],
  indexes: [['cycle_end', 'model_id'], ['snapshot_id']],
});
export type SnapshotRow = RowOf<typeof snapshots>;

/** The chain of evidence. Nodes are not kept: leaves are the cycle's content hashes, in order of model id. */
export const merkleCycles = defineTable('merkle_cycles', {
  key: ['cycle_id'],
  columns: {
    cycle_id: text,
    previous_cycle_id: nullable(text),
    previous_cycle_root: nullable(text),
    snapshots_root: text,
    chained_root: text,
    snapshot_count: integer,
    created_at: timestamp,
    log_sequence: bigint,
  },
  observed: ['log_sequence'],
  indexes: [['created_at']],
});
export type MerkleCycleRow = RowOf<typeof merkleCycles>;
