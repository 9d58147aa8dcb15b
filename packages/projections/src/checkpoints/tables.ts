import type { CheckpointRanking, Emission } from '@crunch-node/streams';
import { bigint, integer, json, nullable, oneOf, text, timestamp } from '../columns.ts';
import { defineTable, type RowOf } from '../define-table.ts';

export const checkpoints = defineTable('checkpoints', {
  key: ['checkpoint_id'],
  columns: {
    checkpoint_id: text,
    period_start: timestamp,
    period_end: timestamp,
    emission: json<Emission>(),
    snapshot_count: integer,
    ranking: json<readonly CheckpointRanking[]>(),
    merkle_root: nullable(text),
    created_at: timestamp,
    log_sequence: bigint,
  },
  observed: ['log_sequence'],
  indexes: [['period_end']],
});
export type CheckpointRow = RowOf<typeof checkpoints>;

/** Steps after PENDING, each a row with its time, so that nothing is overwritten. */
export const checkpointTransitions = defineTable('checkpoint_transitions', {
  key: ['checkpoint_id', 'status'],
  columns: {
    checkpoint_id: text,
    status: oneOf('SUBMITTED', 'CLAIMABLE', 'PAID'),
    at: timestamp,
    tx_hash: nullable(text),
    log_sequence: bigint,
  },
  observed: ['at', 'log_sequence'], // an operator's act, at a time of their own
});
export type CheckpointTransitionRow = RowOf<typeof checkpointTransitions>;
