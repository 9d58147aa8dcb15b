/** Read models: each turns one stream into tables of its own, and offers the queries over them. */
export { allProjections, allTables, tablesOf } from './all-projections.ts';
export * from './backfills/queries.ts';
export * from './checkpoints/queries.ts';
export type { CheckpointStatus } from './checkpoints/status.ts';
export type { AppliedEvent, ClosedCycles, Placed, PublishedBy } from './closings.ts';
export type { ConfigIdOf } from './configurations/apply.ts';
export * from './configurations/queries.ts';
export type { Database } from './database.ts';
export { defineProjection, type Projection, type ProjectionParts } from './define-projection.ts';
export { defineTable, type RowOf, type RowsOf, type Table, type Tables } from './define-table.ts';
export { type DigestOptions, digestTables, type TableDigest } from './digest.ts';
export * from './explain/queries.ts';
export type { NamedRecord } from './explain/records.ts';
export * from './feeds/queries.ts';
export * from './flat/queries.ts';
export * from './flat/tables.ts';
export * from './leaderboards/queries.ts';
export type { ScoreWindow } from './model-scores/rolling.ts';
export * from './model-scores/scope-series.ts';
export * from './model-scores/score-series.ts';
export * from './model-scores/time-reached.ts';
export * from './models/queries.ts';
export * from './models/status-queries.ts';
export * from './predictions/failure-queries.ts';
export * from './predictions/queries.ts';
export * from './predictions/rounds-since.ts';
export type { PredictionStatus } from './predictions/status.ts';
export * from './predictions/thinned.ts';
export * from './predictions/timing-queries.ts';
export * from './predictions/tournament-queries.ts';
export { createReadModel, recreateTables } from './read-model/create.ts';
export { openReadModel, type ReadModel, type ReadModelOptions } from './read-model/open.ts';
export {
  type AppliedPosition,
  type AppliedPositions,
  positionsReader,
  streamOfProjection,
} from './read-model/positions.ts';
export { viewsSchemaOf } from './read-model/views.ts';
export * from './signals/queries.ts';
export * from './signals/silent.ts';
export type { EnsembleRow, SignalRow } from './signals/tables.ts';
export type { Sliced, Thinnable } from './sliced.ts';
export * from './snapshots/evidence.ts';
export * from './snapshots/queries.ts';
export type { SnapshotRow } from './snapshots/tables.ts';
export { type Stretches, slotOf, stretchesOf } from './time-stretches.ts';
