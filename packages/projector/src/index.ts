/**
 * Turns streams into rows: the projection loop with its positions, and rebuilding read models without interrupting
 * reads.
 */
export type { ProjectContext } from './context.ts';
export { untilCommitted } from './loop/committed.ts';
export {
  type BatchWait,
  type ProjectionContext,
  type ProjectionProgress,
  runProjection,
} from './loop/projection-loop.ts';
export { ApplyFailed, WriteRefused } from './loop/projection-loop-faults.ts';
export type { RowProjection } from './loop/row-projection.ts';
export {
  type ProjectionInstruments,
  type ProjectionStatus,
  ProjectionStopped,
  type Runner,
  startRunner,
} from './loop/runner.ts';
export {
  createPositions,
  deletePosition,
  holdPositions,
  insertPosition,
  listPositions,
  type Position,
  readPosition,
  takePositions,
} from './position/position.ts';
export { assertContinues } from './position/position-check.ts';
export {
  LogRewritten,
  LogShorterThanPosition,
  LogTrimmedBeyondPosition,
  PositionMoved,
  ProjectionVersionChanged,
  StreamRecreated,
} from './position/position-faults.ts';
export { projectionsNamed, UnknownProjection } from './projections-named.ts';
export { rebuild } from './rebuild.ts';
export * from './replay/index.ts';
