/** Decides at each interval what every model has earned. */
import {
  adoptCheckpoints,
  type CheckpointState,
  type CrunchConfig,
  checkpointReact,
  checkpointStart,
} from '@crunch-node/domain';
import { handleCommands, type Service, type ServiceContext, together } from '@crunch-node/service';
import { type CyclicStage, runCyclic, startStage } from '@crunch-node/stages';
import {
  type CheckpointEvent,
  type CheckpointsCycleClosed,
  checkpoints,
  type SnapshotTaken,
  snapshots,
} from '@crunch-node/streams';
import { checkpointCommands, isStep } from './commands.ts';

export function checkpointStage(config: CrunchConfig): CyclicStage<CheckpointState> {
  const react = checkpointReact(config);
  return {
    stream: checkpoints,
    closingSubject: checkpoints.closingSubject(),
    owns: (natsSubject) => natsSubject.startsWith('checkpoints.'),
    inputs: [snapshots],
    sources: [snapshots.closingSubject()],
    answersCommand: ({ type }) => isStep(type),
    initial: () => checkpointStart,
    react: (state, cycle, events) => react(state, cycle, events as readonly SnapshotTaken[]),
    failures: (event) => notMade(event as CheckpointEvent),
    adopts: 'every',
    adopt: (state, closing) => adoptCheckpoints(state, closing as CheckpointsCycleClosed),
  };
}

/** A checkpoint that was due and cannot be made is worth a line in the log of the process. */
const notMade = (event: CheckpointEvent) =>
  event.type === 'CycleClosed' && event.data.not_made !== undefined ? { not_made: event.data.not_made } : null;

export function startCheckpoint(context: ServiceContext<CrunchConfig>): Service {
  const stage = checkpointStage(context.config) as CyclicStage;
  return startStage('checkpoint', context, ['all'], (loopContext) =>
    together(loopContext.signal, [
      (signal) => runCyclic([stage], { ...loopContext, signal }),
      (signal) =>
        handleCommands(checkpointCommands(context.log), { log: loopContext.log, logger: context.logger, signal }),
    ]),
  );
}
