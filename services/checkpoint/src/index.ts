/** Decides at each interval what every model has earned. */
import {
  adoptCheckpoints,
  type CheckpointState,
  type CrunchConfig,
  checkpointReact,
  checkpointStart,
} from '@crunch-node/domain';
import { type CyclicStage, runCyclic, type Service, type ServiceContext, startStage } from '@crunch-node/runtime';
import { type CheckpointsCycleClosed, checkpoints, type SnapshotTaken, snapshots } from '@crunch-node/streams';

export function checkpointStage(config: CrunchConfig): CyclicStage<CheckpointState> {
  const react = checkpointReact(config);
  return {
    stream: checkpoints,
    closingSubject: 'checkpoints.cycle',
    owns: (natsSubject) => natsSubject.startsWith('checkpoints.'),
    inputs: [snapshots],
    sources: ['snapshots.cycle'],
    initial: () => checkpointStart,
    react: (state, cycle, events) => react(state, cycle, events as readonly SnapshotTaken[]),
    adopts: 'every',
    adopt: (state, closing) => adoptCheckpoints(state, closing as CheckpointsCycleClosed),
  };
}

export function startCheckpoint(context: ServiceContext<CrunchConfig>): Service {
  const stage = checkpointStage(context.config) as CyclicStage;
  return startStage('checkpoint', context, ['all'], (means) => runCyclic([stage], means));
}
