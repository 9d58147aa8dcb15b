export { isDiskFull, isPostgresAway, misconfigurationOf } from '@crunch-node/postgres';
export { aborted, orAborted } from './aborted.ts';
export {
  type Accepted,
  type CommandHandler,
  CommandRefused,
  decideAndPublish,
  handleCommands,
  MODELS_QUERY,
  type RefusalCode,
  sendCommand,
  together,
} from './commands.ts';
export { type Comparer, compareWithRecorded, type StreamComparison } from './compare-recorded.ts';
export { type ConfigGuard, guardConfig } from './config-guard.ts';
export type { Consulted, Knowledge } from './consulted.ts';
export { runCyclic } from './cyclic-loop.ts';
export type { CyclicStage } from './cyclic-stage.ts';
export type { Vitals } from './keep-going.ts';
export { serviceOfInstance } from './lease-names.ts';
export { createLogger, type Logger } from './logger.ts';
export { holdSole, type LoopMeans } from './loop.ts';
export { type Monitor, type MonitorOptions, startMonitor } from './monitor.ts';
export { type Outbox, readOutboxes, readTail, type Writership } from './outbox.ts';
export {
  createPositions,
  deletePosition,
  holdPositions,
  insertPosition,
  listPositions,
  type Position,
  readPosition,
  takePositions,
} from './position.ts';
export { assertContinues } from './position-check.ts';
export * from './position-faults.ts';
export type { Standing } from './progress.ts';
export { type ProjectionMeans, type ProjectionProgress, type RowProjection, runProjection } from './projection-loop.ts';
export { ApplyFailed, WriteRefused } from './projection-loop-faults.ts';
export { runPrompt } from './prompt-loop.ts';
export type { PromptStage } from './prompt-stage.ts';
export { eventsIn, readToEnd } from './read-to-end.ts';
export { type Recomputation, recompute } from './recompute.ts';
export type { Difference, Verdict } from './recorded-cycles.ts';
export type * from './service.ts';
export { type StageInstruments, stageInstruments } from './stage-instruments.ts';
export { startStage } from './start-stage.ts';
export { type Supervised, supervise } from './supervise.ts';
export { type Partition, soleTenancy, type Tenancy } from './tenancy.ts';
export { beginTrace, continueTrace, traceIdOf } from './trace.ts';
export { verifyCyclic } from './verify.ts';
export { Writer } from './writer.ts';
