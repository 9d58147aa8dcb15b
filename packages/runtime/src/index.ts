export { aborted } from './aborted.ts';
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
export { type ConfigGuard, guardConfig } from './config-guard.ts';
export type { Consulted, Knowledge } from './consulted.ts';
export { type CyclicStage, runCyclic } from './cyclic-loop.ts';
export { createLogger, type Logger } from './logger.ts';
export type { LoopMeans } from './loop.ts';
export { type Outbox, readOutboxes, readTail, type Writership } from './outbox.ts';
export {
  createPositions,
  deletePosition,
  listPositions,
  type Position,
} from './position.ts';
export * from './position-faults.ts';
export { type ProjectionMeans, type ProjectionProgress, type RowProjection, runProjection } from './projection-loop.ts';
export { ApplyFailed, isPostgresAway, WriteRefused } from './projection-loop-faults.ts';
export { type PromptStage, runPrompt } from './prompt-loop.ts';
export type * from './service.ts';
export { startStage } from './start-stage.ts';
export { type Supervised, supervise, type Vitals } from './supervise.ts';
export { type Difference, type Verdict, verifyCyclic } from './verify.ts';
export { Writer } from './writer.ts';
