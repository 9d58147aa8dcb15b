import { bigint, integer, nullable, oneOf, text, timestamp } from '../columns.ts';
import { defineTable, type RowOf } from '../define-table.ts';

/** Every model ever seen, under its newest name. */
export const models = defineTable('models', {
  key: ['model_id'],
  columns: {
    model_id: text,
    partition: integer,
    deployment_id: text,
    model_name: text,
    cruncher_id: text,
    cruncher_name: text,
  },
  observed: ['deployment_id'],
  write: 'replace',
});
export type ModelRow = RowOf<typeof models>;

/** Whether a model is there. Liveness is measured, so all of it is observed. */
export const modelStates = defineTable('model_states', {
  key: ['model_id'],
  columns: {
    model_id: text,
    state: oneOf('running', 'left', 'failed'),
    failure_code: nullable(text),
    failure_reason: nullable(text),
    deployment_id: text,
    revision: integer,
    changed_at: timestamp,
    /** the last time each of it happened */
    joined_at: nullable(timestamp),
    left_at: nullable(timestamp),
    failed_at: nullable(timestamp),
    log_sequence: bigint,
  },
  observed: [
    'state',
    'failure_code',
    'failure_reason',
    'deployment_id',
    'revision',
    'changed_at',
    'joined_at',
    'left_at',
    'failed_at',
    'log_sequence',
  ],
  write: 'replace',
});
export type ModelStateRow = RowOf<typeof modelStates>;
