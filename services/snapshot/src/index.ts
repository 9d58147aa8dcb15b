/** Summarises what each model scored in a cycle, and chains the cycle's Merkle tree. */
import {
  adoptSnapshots,
  type CrunchConfig,
  type SnapshotState,
  snapshotReact,
  snapshotStart,
} from '@crunch-node/domain';
import { type CyclicStage, runCyclic, type Service, type ServiceContext, startStage } from '@crunch-node/runtime';
import { type RoundScored, type SnapshotsCycleClosed, scores, snapshots } from '@crunch-node/streams';

export function snapshotStage(config: CrunchConfig): CyclicStage<SnapshotState> {
  const react = snapshotReact(config);
  return {
    stream: snapshots,
    closingSubject: 'snapshots.cycle',
    owns: (natsSubject) => natsSubject.startsWith('snapshots.'),
    inputs: [scores],
    sources: Array.from({ length: config.partitions }, (_, partition) => `scores.${partition}`),
    initial: () => snapshotStart,
    react: (state, cycle, events) => react(state, cycle, events as readonly RoundScored[]),
    adopt: (state, closing) => adoptSnapshots(state, closing as SnapshotsCycleClosed),
  };
}

export function startSnapshot(context: ServiceContext<CrunchConfig>): Service {
  const stage = snapshotStage(context.config) as CyclicStage;
  return startStage('snapshot', context, ['all'], (means) => runCyclic([stage], means));
}
