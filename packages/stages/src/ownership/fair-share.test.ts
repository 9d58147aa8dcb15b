import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decideShares, fairShare } from './fair-share.ts';

const leaseMs = 1_000;
const given = (partitions: number, more: Partial<Parameters<typeof decideShares<number>>[0]>) =>
  decideShares<number>({
    partitions: Array.from({ length: partitions }, (_, i) => i),
    instances: ['a', 'b', 'c'],
    self: 'a',
    owned: [],
    free: new Map(),
    settled: true,
    leaseMs,
    ...more,
  });

describe('fair shares', () => {
  it('take free partitions up to the share', () => {
    const free = new Map([0, 1, 2, 3, 4, 5, 6, 7].map((partition) => [partition, 0]));
    assert.deepEqual(given(8, { free }).take, [0, 1, 2]);
    assert.deepEqual(given(8, { free, self: 'c' }).take, [6, 7]);
    assert.deepEqual(given(8, { free, owned: [8, 9] }).take, [0]);
    assert.deepEqual(given(1, { free: new Map([[0, 0]]), self: 'b' }).take, []);
  });

  it('take what stayed free for two lease times, whatever the share', () => {
    const free = new Map([
      [6, 2 * leaseMs],
      [7, leaseMs],
    ]);
    assert.deepEqual(given(8, { owned: [0, 1, 2], free }).take, [6]);
  });

  it('give away what exceeds the share, newest first, once the instances have settled', () => {
    const owned = [5, 4, 3, 2, 1, 0];
    assert.deepEqual(given(8, { owned }).handOver, [2, 1, 0]);
    assert.deepEqual(given(8, { owned, settled: false }).handOver, []);
  });

  it('converge with every partition owned and no instance above the share, from any start', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.nat({ max: 6 }), { minLength: 20, maxLength: 20 }),
        (partitions, count, begin) => {
          const all = Array.from({ length: partitions }, (_, i) => i);
          const instances = Array.from({ length: count }, (_, i) => `i${i}`);
          // who owns what: an instance, or (beyond their number) none
          const owner = new Map(all.map((partition) => [partition, begin[partition]!]));
          for (let round = 0; round < 4; round++) {
            for (const [i, self] of instances.entries()) {
              const free = new Map(all.filter((p) => owner.get(p)! >= count).map((p) => [p, 0]));
              const owned = all.filter((p) => owner.get(p) === i);
              const { take, handOver } = decideShares({
                partitions: all,
                instances,
                self,
                owned,
                free,
                settled: true,
                leaseMs,
              });
              for (const partition of handOver) owner.set(partition, count);
              for (const partition of take) owner.set(partition, i);
            }
          }
          for (const [i] of instances.entries()) {
            assert.ok(all.filter((p) => owner.get(p) === i).length <= fairShare(partitions, count, i));
          }
          assert.ok(all.every((p) => owner.get(p)! < count));
        },
      ),
    ));
});
