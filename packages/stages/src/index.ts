/**
 * The loops of cyclic and prompt stages, ownership of partitions, and recomputation with the same functions.
 * Independent of Postgres.
 */
export { runCyclic } from './cyclic/cyclic-loop.ts';
export type { CyclicStage } from './cyclic/cyclic-stage.ts';
export { holdSole, type LoopContext } from './loop.ts';
export { serviceOfInstance } from './ownership/lease-names.ts';
export type { Partition } from './ownership/partition.ts';
export { type PartitionLease, soleLease } from './ownership/partition-lease.ts';
export type { Standing } from './ownership/progress.ts';
export { startStage } from './ownership/start-stage.ts';
export type { Knowledge, SideInput } from './prompt/knowledge.ts';
export { runPrompt } from './prompt/prompt-loop.ts';
export type { PromptStage } from './prompt/prompt-stage.ts';
export { type PublishedTail, readPublishedTails, type Writership } from './publish/published-tail.ts';
export { Writer } from './publish/writer.ts';
export { type Comparer, compareWithRecorded, type StreamComparison } from './recompute/compare-recorded.ts';
export { type Recomputation, recompute } from './recompute/recompute.ts';
export type { Difference, Verdict } from './recompute/recorded-cycles.ts';
export { verifyCyclic } from './recompute/verify.ts';
export { type StageInstruments, stageInstruments } from './stage-instruments.ts';
export { startCyclic } from './start-cyclic.ts';
