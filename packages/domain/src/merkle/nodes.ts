import type { MerkleTree } from './tree.ts';

/** A node of a tree as it is published, so that the tree can be walked without this engine. */
export interface MerkleNode {
  readonly id: string;
  readonly level: number;
  readonly position: number;
  readonly hash: string;
  readonly left_child_id: string | null;
  readonly right_child_id: string | null;
  /** leaves of a cycle only */
  readonly snapshot_id: string | null;
}

/**
 * All nodes of a tree by level and position. The last node of an odd level is both children of its parent.
 * @param owner id of the cycle or checkpoint the tree belongs to
 * @param snapshotIds of the leaves, in their order
 */
export function treeNodes(owner: string, tree: MerkleTree, snapshotIds: readonly string[] = []): MerkleNode[] {
  const idAt = (level: number, position: number): string => `MRK_${owner}_${level}_${position}`;
  return tree.levels.flatMap((hashes, level) =>
    hashes.map((hash, position) => {
      const children = tree.levels[level - 1]?.length ?? 0;
      return {
        id: idAt(level, position),
        level,
        position,
        hash,
        left_child_id: level === 0 ? null : idAt(level - 1, 2 * position),
        right_child_id: level === 0 ? null : idAt(level - 1, Math.min(2 * position + 1, children - 1)),
        snapshot_id: level === 0 ? (snapshotIds[position] ?? null) : null,
      };
    }),
  );
}
