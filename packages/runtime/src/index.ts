export { type ConfigGuard, guardConfig } from './config-guard.ts';
export { type CyclicStage, runCyclic } from './cyclic-loop.ts';
export { createLogger, type Logger } from './logger.ts';
export type { LoopMeans } from './loop.ts';
export { type Outbox, readOutboxes, readTail, type Writership } from './outbox.ts';
export { type PromptStage, runPrompt } from './prompt-loop.ts';
export type * from './service.ts';
export { LeaseLost, type Supervised, supervise, type Vitals } from './supervise.ts';
export { Writer } from './writer.ts';
