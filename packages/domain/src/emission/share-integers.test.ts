import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { shareIntegers } from './share-integers.ts';

describe('sharing out by integers', () => {
  it('gives the remainder to the largest rounding losses, the earlier one first', () => {
    assert.deepEqual(shareIntegers([1, 1, 1], 100), [34, 33, 33]);
    assert.deepEqual(shareIntegers([1, 2, 0], 10), [3, 7, 0]);
    assert.deepEqual(shareIntegers([5], 0), [0]);
  });

  it('always sums to the whole, each within one of its exact share', () => {
    const weights = fc.array(fc.nat(1_000_000_000), { minLength: 1, maxLength: 60 }).filter((all) => all.some(Boolean));
    fc.assert(
      fc.property(weights, fc.maxSafeNat(), (given, whole) => {
        const parts = shareIntegers(given, whole);
        assert.equal(
          parts.reduce((sum, part) => sum + BigInt(part), 0n),
          BigInt(whole),
        );
        const total = given.reduce((sum, weight) => sum + weight, 0);
        parts.forEach((part, i) => {
          const floor = (BigInt(given[i]!) * BigInt(whole)) / BigInt(total);
          assert.ok(BigInt(part) === floor || BigInt(part) === floor + 1n);
        });
      }),
    );
  });
});
