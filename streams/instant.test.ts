import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  addSeconds,
  instantOfMicros,
  instantOfMillis,
  isInstant,
  microsOf,
  millisOf,
  secondsBetween,
} from './instant.ts';

const micros = fc.integer({ min: 0, max: Date.UTC(2200, 0) * 1000 });

describe('instants', () => {
  it('hold microseconds exactly', () => fc.assert(fc.property(micros, (us) => microsOf(instantOfMicros(us)) === us)));

  it('sort as text the way they sort as time', () =>
    fc.assert(fc.property(micros, micros, (a, b) => a < b === instantOfMicros(a) < instantOfMicros(b))));

  it('always have six digits and say so', () => {
    assert.equal(instantOfMillis(1_704_067_200_000), '2024-01-01T00:00:00.000000Z');
    assert.equal(instantOfMicros(1_704_067_200_000_001), '2024-01-01T00:00:00.000001Z');
    assert.ok(isInstant('2024-01-01T00:00:00.000001Z'));
    for (const text of ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.000Z', '2024-13-01T00:00:00.000000Z', '']) {
      assert.ok(!isInstant(text), text);
    }
  });

  it('count seconds', () => {
    const start = instantOfMillis(0);
    assert.equal(addSeconds(start, 1.5), '1970-01-01T00:00:01.500000Z');
    assert.equal(secondsBetween(start, addSeconds(start, -2)), -2);
    assert.equal(millisOf('1970-01-01T00:00:00.001999Z'), 1);
    assert.throws(() => millisOf('yesterday'), /expected an instant/);
    assert.throws(() => instantOfMicros(0.5), /integer microseconds/);
  });
});
