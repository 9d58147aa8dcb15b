import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hashPair, sha256Hex } from './hash.ts';
import { treeNodes } from './nodes.ts';
import { merkleTree, proofOf, verifyProof } from './tree.ts';

const leaf = fc.string().map(sha256Hex);
const leaves = fc.uniqueArray(leaf, { minLength: 1, maxLength: 70 });

describe('a Merkle tree', () => {
  it('is the leaf itself when there is one, and null when there is none', () => {
    assert.deepEqual(merkleTree(['aa']), { root: 'aa', levels: [['aa']] });
    assert.equal(merkleTree([]), null);
  });

  it('pairs the last node of an odd level with itself', () => {
    const left = hashPair('a', 'b');
    const right = hashPair('c', 'c');
    assert.deepEqual(merkleTree(['a', 'b', 'c'])?.levels, [['a', 'b', 'c'], [left, right], [hashPair(left, right)]]);
  });

  it('leaves its input alone', () => {
    const given = Object.freeze(['a', 'b', 'c']);
    merkleTree(given);
    assert.deepEqual(given, ['a', 'b', 'c']);
  });

  it('proves each of its leaves', () =>
    fc.assert(
      fc.property(leaves, (given) => {
        const tree = merkleTree(given)!;
        for (const one of given) assert.ok(verifyProof(one, proofOf(tree, one), tree.root));
      }),
    ));

  it('detects a changed leaf, root, sibling or side', () =>
    fc.assert(
      fc.property(leaves, fc.nat(), leaf, (given, pick, other) => {
        const tree = merkleTree(given)!;
        const one = given[pick % given.length]!;
        const path = proofOf(tree, one);
        fc.pre(other !== one && other !== tree.root && !path.some(({ hash }) => hash === other));
        assert.equal(verifyProof(other, path, tree.root), false);
        assert.equal(verifyProof(one, path, other), false);
        for (const [i, step] of path.entries()) {
          assert.equal(verifyProof(one, path.with(i, { ...step, hash: other }), tree.root), false);
        }
      }),
    ));

  it('has nodes that lead from the root to every leaf', () =>
    fc.assert(
      fc.property(leaves, (given) => {
        const tree = merkleTree(given)!;
        const ids = given.map((_, i) => `SNAP_${i}`);
        const nodes = new Map(treeNodes('CYC_1', tree, ids).map((node) => [node.id, node]));
        for (const { hash, left_child_id, right_child_id, level, snapshot_id } of nodes.values()) {
          assert.equal(snapshot_id !== null, level === 0);
          if (left_child_id === null || right_child_id === null) continue;
          assert.equal(hash, hashPair(nodes.get(left_child_id)!.hash, nodes.get(right_child_id)!.hash));
        }
      }),
    ));
});
