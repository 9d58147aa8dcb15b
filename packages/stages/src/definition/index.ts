/**
 * Definition of a stage, and one step of it: values and pure functions, without a log, a clock or a connection. For
 * running stages within one process.
 */
export type { ClosedCycle } from '../cyclic/cycle-barrier.ts';
export type { CyclicStage } from '../cyclic/cyclic-stage.ts';
export { type Step, stateToBeginWith, stateToKeep, step } from '../cyclic/step.ts';
export { Closings } from '../prompt/closings.ts';
export { type Knowledge, noKnowledge, type SideInput } from '../prompt/knowledge.ts';
export type { PromptStage } from '../prompt/prompt-stage.ts';
export { completedBy, type Planned, type PromptStep, planned, promptStep, remembering } from '../prompt/step.ts';
export { definePromptStage, type PromptStageDefinition } from './define-prompt-stage.ts';
export { defineStage, type StageDefinition } from './define-stage.ts';
export { from, fromEach, only, type StageInput, type StageOutput, to } from './streams-of-stage.ts';
