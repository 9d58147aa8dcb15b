/** Summarises what each model scored in a cycle, and chains the cycle's Merkle tree. */
import {
  adoptSnapshots,
  type ChainHead,
  type CrunchConfig,
  type React,
  type SnapshotState,
  scorePartitions,
  snapshotReact,
  snapshotStart,
  tradingSnapshotReact,
  tradingSnapshotStart,
} from '@crunch-node/domain';
import type { Service, ServiceContext } from '@crunch-node/service';
import { type CyclicStage, runCyclic, startStage } from '@crunch-node/stages';
import {
  type RoundScored,
  type SnapshotEvent,
  type SnapshotsCycleClosed,
  scores,
  snapshots,
} from '@crunch-node/streams';

export const snapshotStage = (config: CrunchConfig): CyclicStage =>
  config.trading === null
    ? stageOf(config, snapshotStart, snapshotReact(config), withoutOrders)
    : stageOf(config, tradingSnapshotStart, tradingSnapshotReact);

/** Orders of series save time and change nothing; they are half as large as all the rest. */
const withoutOrders = (state: SnapshotState): SnapshotState => ({ ...state, orders: [] });

function stageOf<S extends { readonly chain: ChainHead | null }>(
  config: CrunchConfig,
  start: S,
  react: React<S, RoundScored, SnapshotEvent>,
  keeps?: (state: S) => S,
): CyclicStage {
  return {
    stream: snapshots,
    closingSubject: snapshots.closingSubject(),
    owns: (natsSubject) => natsSubject.startsWith('snapshots.'),
    inputs: [scores],
    sources: scorePartitions(config).map(scores.closingSubject),
    initial: () => start,
    ...(keeps && { keeps: (state: unknown) => keeps(state as S) }),
    react: (state, cycle, events) => react(state as S, cycle, events as readonly RoundScored[]),
    adopt: (state, closing) => adoptSnapshots(state as S, closing as SnapshotsCycleClosed),
  };
}

export function startSnapshot(context: ServiceContext<CrunchConfig>): Service {
  const stage = snapshotStage(context.config);
  return startStage('snapshot', context, ['all'], (context) => runCyclic([stage], context));
}
