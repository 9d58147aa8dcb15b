import { hashPair } from './hash.ts';

/**
 * A Merkle tree, scheme v1: levels from the leaves (0) to the root. The last node of an odd level is paired with
 * itself. One leaf is its own root; no leaves make no tree.
 */
export interface MerkleTree {
  readonly root: string;
  readonly levels: readonly (readonly string[])[];
}

/** One step of a proof: the sibling and its side. */
export interface ProofStep {
  readonly hash: string;
  readonly position: 'left' | 'right';
}

export function merkleTree(leaves: readonly string[]): MerkleTree | null {
  if (leaves.length === 0) return null;
  const levels: string[][] = [[...leaves]];
  for (let level = levels[0]!; level.length > 1; level = levels.at(-1)!) {
    const parents: string[] = [];
    for (let i = 0; i < level.length; i += 2) parents.push(hashPair(level[i]!, level[i + 1] ?? level[i]!));
    levels.push(parents);
  }
  return { root: levels.at(-1)![0]!, levels };
}

/** The way from a leaf to the root; of equal leaves the first. Empty when the leaf is unknown or the only one. */
export function proofOf(tree: MerkleTree, leaf: string): ProofStep[] {
  let position = tree.levels[0]!.indexOf(leaf);
  if (position < 0) return [];
  return tree.levels.slice(0, -1).map((level) => {
    const step: ProofStep =
      position % 2 === 0
        ? { hash: level[position + 1] ?? level[position]!, position: 'right' }
        : { hash: level[position - 1]!, position: 'left' };
    position = Math.floor(position / 2);
    return step;
  });
}

/** The root a proof leads to. Compare it with the root one trusts. */
export const foldProof = (
  leaf: string,
  path: readonly { readonly hash: string; readonly position: string }[],
): string =>
  path.reduce(
    (current, { hash, position }) => (position === 'right' ? hashPair(current, hash) : hashPair(hash, current)),
    leaf,
  );

export const verifyProof = (
  leaf: string,
  path: readonly { readonly hash: string; readonly position: string }[],
  root: string,
): boolean => foldProof(leaf, path) === root;
