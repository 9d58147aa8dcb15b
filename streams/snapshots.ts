import { type Static, Type } from '@sinclair/typebox';
import { closingSchema, defineClosedStream, defineEvent, type EventOf, type StreamEvent } from './define.ts';
import { millisOf } from './instant.ts';
import { Instant } from './instant-schema.ts';
import { JsonObject, Nullable } from './json.ts';
import { escapeToken, idOf } from './token.ts';

/** Count, mean and sum of squared deviations from the mean: enough to merge cycles into the variance of a window. */
export const Moments = Type.Object({
  count: Type.Integer({ minimum: 1 }),
  mean: Type.Number(),
  m2: Type.Number({ minimum: 0 }),
});
export type Moments = Static<typeof Moments>;

/** A model's summary of one cycle. */
export const SnapshotTaken = defineEvent('SnapshotTaken', {
  v: 1,
  data: Type.Object({
    snapshot_id: Type.String(),
    model_id: Type.String(),
    cycle_end: Instant,
    /** first and last `performed_at` of the scored rounds */
    period_start: Instant,
    period_end: Instant,
    prediction_count: Type.Integer({ minimum: 0 }),
    failed_count: Type.Integer({ minimum: 0 }),
    /** aggregate of the results, then metrics; a metric that could not be computed is absent */
    result_summary: JsonObject,
    /** metric → why it is absent */
    unavailable: Type.Record(Type.String(), Type.String()),
    /** leaf of the cycle's Merkle tree */
    content_hash: Type.String(),
    /** field of the answers → their moments, for fields that ensembles combine; not part of the hash */
    predictions: Type.Optional(Type.Record(Type.String(), Moments)),
  }),
  id: ({ model_id, cycle_end }) => idOf('snapshot', model_id, millisOf(cycle_end)),
  natsSubject: ({ model_id }) => `snapshots.model.${escapeToken(model_id)}`,
});
export type SnapshotTaken = EventOf<typeof SnapshotTaken>;

export const MerkleCycle = Type.Object({
  cycle_id: Type.String(),
  previous_cycle_id: Nullable(Type.String()),
  previous_cycle_root: Nullable(Type.String()),
  snapshots_root: Type.String(),
  chained_root: Type.String(),
  snapshot_count: Type.Integer({ minimum: 1 }),
});
export type MerkleCycle = Static<typeof MerkleCycle>;

export const SnapshotsCycleClosed = defineEvent('CycleClosed', {
  v: 1,
  data: closingSchema({
    /** null when there were no snapshots */
    merkle: Nullable(MerkleCycle),
    /** head of the chain after this cycle, whether or not the cycle added to it */
    chain: Nullable(Type.Object({ cycle_id: Type.String(), chained_root: Type.String() })),
  }),
  id: ({ end }) => idOf('cycle', 'snapshots', millisOf(end)),
  natsSubject: () => 'snapshots.cycle',
});
export type SnapshotsCycleClosed = EventOf<typeof SnapshotsCycleClosed>;

export const snapshots = defineClosedStream(
  'SNAPSHOTS',
  ['snapshots.model.*', 'snapshots.cycle'],
  [SnapshotTaken, SnapshotsCycleClosed],
  () => 'snapshots.cycle',
);
export type SnapshotEvent = StreamEvent<typeof snapshots>;
