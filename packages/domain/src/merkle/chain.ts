import { byCodePoint, type Instant, type MerkleCycle } from '@crunch-node/streams';
import { cycleId } from '../ids.ts';
import { hashPair } from './hash.ts';
import { merkleTree } from './tree.ts';

/** The newest cycle of the chain. */
export interface ChainHead {
  readonly cycle_id: string;
  readonly chained_root: string;
}

/** The leaves of a cycle in order of model id. */
export const inLeafOrder = <T extends { readonly model_id: string }>(snapshots: readonly T[]): T[] =>
  [...snapshots].sort((a, b) => byCodePoint(a.model_id, b.model_id));

/**
 * Hangs a cycle's snapshots onto the chain: the first chained root is the first tree's
 * own root. Null when nothing was taken: such a cycle is not part of the chain.
 */
export function chainCycle(
  head: ChainHead | null,
  cycleEnd: Instant,
  snapshots: readonly { readonly model_id: string; readonly content_hash: string }[],
): MerkleCycle | null {
  const leaves = inLeafOrder(snapshots).map(({ content_hash }) => content_hash);
  const tree = merkleTree(leaves);
  if (tree === null) return null;
  return {
    cycle_id: cycleId(cycleEnd),
    previous_cycle_id: head?.cycle_id ?? null,
    previous_cycle_root: head?.chained_root ?? null,
    snapshots_root: tree.root,
    chained_root: head === null ? tree.root : hashPair(head.chained_root, tree.root),
    snapshot_count: leaves.length,
  };
}

export const headAfter = (head: ChainHead | null, cycle: MerkleCycle | null): ChainHead | null =>
  cycle === null ? head : { cycle_id: cycle.cycle_id, chained_root: cycle.chained_root };
