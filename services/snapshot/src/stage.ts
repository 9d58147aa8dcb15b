import {
  adoptSnapshots,
  byKind,
  type CrunchConfig,
  type SnapshotState,
  scorePartitions,
  snapshotReact,
  snapshotStart,
  tradingSnapshotReact,
  tradingSnapshotStart,
} from '@crunch-node/domain';
import { type CyclicStage, defineStage, fromEach, only, to } from '@crunch-node/stages/definition';
import { RoundScored, scores, snapshots } from '@crunch-node/streams';

/** Summarises what each model scored in a cycle, or earned when models trade, and chains the cycle's Merkle tree. */
export function snapshotStage(config: CrunchConfig): CyclicStage {
  const scored = fromEach(scores, scorePartitions(config));
  const ofScores = (rules: CrunchConfig) =>
    defineStage({
      reads: [only(scored, RoundScored)],
      writes: to(snapshots),
      start: snapshotStart,
      react: snapshotReact(rules),
      keeps: withoutOrders,
      adopt: adoptSnapshots,
    });
  const ofAccounts = () =>
    defineStage({
      reads: [scored],
      writes: to(snapshots),
      start: tradingSnapshotStart,
      react: tradingSnapshotReact,
      adopt: adoptSnapshots,
    });
  return byKind<CyclicStage>(config, { realtime: ofScores, trading: ofAccounts, tournament: ofScores });
}

/** Orders of series save time and change nothing; they are half as large as all the rest. */
const withoutOrders = (state: SnapshotState): SnapshotState => ({ ...state, orders: [] });
