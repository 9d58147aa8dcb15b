import {
  type ChainHead,
  chainCycle,
  hashPair,
  headAfter,
  inLeafOrder,
  merkleTree,
  proofOf,
  sha256Hex,
  snapshotText,
  treeNodes,
  verifyProof,
} from '@crunch-node/domain';
import { instantOf } from './times.ts';
import type { Operations, VectorInput } from './vector.ts';

interface GivenCycle {
  readonly now: string;
  readonly snapshots: readonly (Parameters<typeof snapshotText>[0] & { readonly id: string })[];
}

function chain(cycles: readonly GivenCycle[], checkpoint: VectorInput): unknown {
  let head: ChainHead | null = null;
  const built = cycles.flatMap(({ now, snapshots }) => {
    const leaves = inLeafOrder(snapshots).map((taken) => ({ ...taken, content_hash: sha256Hex(snapshotText(taken)) }));
    const cycle = chainCycle(head, instantOf(now), leaves);
    const tree = merkleTree(leaves.map(({ content_hash }) => content_hash));
    head = headAfter(head, cycle);
    return cycle === null || tree === null ? [] : [{ now: instantOf(now), cycle, tree, leaves }];
  });
  const [from, to] = [instantOf(checkpoint.period_start), instantOf(checkpoint.period_end)];
  const covered = built.filter(({ now }) => from <= now && now <= to).map(({ cycle }) => cycle.chained_root);
  const paid = merkleTree(covered);
  const proofs = cycles.flatMap(({ snapshots }) =>
    snapshots.map(({ id }) => {
      const { cycle, tree, leaves } = built.find((known) => known.leaves.some((leaf) => leaf.id === id))!;
      const { content_hash } = leaves.find((leaf) => leaf.id === id)!;
      return {
        snapshot_id: id,
        snapshot_content_hash: content_hash,
        cycle_id: cycle.cycle_id,
        cycle_root: cycle.chained_root,
        checkpoint_id: covered.includes(cycle.chained_root) ? checkpoint.id : null,
        merkle_root: null,
        path: proofOf(tree, content_hash),
      };
    }),
  );
  return {
    cycles: built.map(({ cycle: { cycle_id, ...cycle }, tree, leaves }) => ({
      id: cycle_id,
      ...cycle,
      nodes: treeNodes(
        cycle_id,
        tree,
        leaves.map(({ id }) => id),
      ),
    })),
    checkpoint_merkle_root: paid?.root ?? null,
    checkpoint_nodes: paid === null ? [] : treeNodes(checkpoint.id, paid),
    proofs,
  };
}

export const merkleOperations: Operations = {
  snapshot_hash: ({ snapshot }) => {
    const canonical_json = snapshotText(snapshot);
    return { canonical_json, sha256: sha256Hex(canonical_json) };
  },
  concat: ({ left, right }) => hashPair(left, right),
  tree: ({ leaves, proofs_for }, expected) => {
    const tree = merkleTree(leaves);
    if (tree === null) return { root: null, node_count: 0, height: null, nodes: [], proofs: [] };
    const nodes = tree.levels.flatMap((hashes, level) => hashes.map((hash, position) => ({ level, position, hash })));
    const asked: number[] = proofs_for ?? (leaves as string[]).map((_, i) => i);
    return {
      root: tree.root,
      node_count: nodes.length,
      height: tree.levels.length - 1,
      nodes: expected.nodes === null ? null : nodes,
      proofs: asked.map((leaf_index) => ({ leaf_index, path: proofOf(tree, leaves[leaf_index]) })),
    };
  },
  verify_suite: (_, expected: { leaf_hash: string; path: never[]; root: string; valid: boolean }[]) =>
    expected.map((given) => ({ ...given, valid: verifyProof(given.leaf_hash, given.path, given.root) })),
  chain: ({ cycles, checkpoint }) => chain(cycles, checkpoint),
};
