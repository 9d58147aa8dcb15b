import {
  adoptCheckpoints,
  type CheckpointState,
  type CrunchConfig,
  checkpointReact,
  checkpointStart,
} from '@crunch-node/domain';
import { type CyclicStage, defineStage, from, to } from '@crunch-node/stages/definition';
import { CheckpointClaimable, CheckpointPaid, CheckpointSubmitted, checkpoints, snapshots } from '@crunch-node/streams';

/** Decides at each interval what every model has earned. The steps of a checkpoint follow from commands. */
export const checkpointStage = (config: CrunchConfig): CyclicStage<CheckpointState> =>
  defineStage({
    reads: [from(snapshots)],
    writes: to(checkpoints),
    start: checkpointStart,
    react: checkpointReact(config),
    adopt: adoptCheckpoints,
    adopts: 'every',
    answersCommand: ({ type }) => STEPS.has(type),
    // A checkpoint that was due and cannot be made is logged by the process.
    failures: (event) =>
      event.type === 'CycleClosed' && event.data.not_made !== undefined ? { not_made: event.data.not_made } : null,
  });

/** Events the stage itself never publishes: it creates checkpoints and closes cycles. */
const STEPS: ReadonlySet<string> = new Set([CheckpointSubmitted.type, CheckpointClaimable.type, CheckpointPaid.type]);
