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
import { Instant } from './instant-schema.ts';

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

  it('are recognised exactly where the schema and `Date.parse` accept a text', () => {
    const pattern = new RegExp(Instant.pattern!);
    const agrees = (text: string): boolean =>
      isInstant(text) === (pattern.test(text) && !Number.isNaN(Date.parse(text)));
    const number = (max: number, digits: number) =>
      fc.integer({ min: 0, max }).map((n) => String(n).padStart(digits, '0'));
    const fraction = fc.oneof(fc.constant('000000'), number(999_999, 6));
    const near = fc
      .tuple(number(9999, 4), number(14, 2), number(33, 2), number(26, 2), number(61, 2), number(61, 2), fraction)
      .map(([year, month, day, h, m, s, f]) => `${year}-${month}-${day}T${h}:${m}:${s}.${f}Z`);
    const midnight = fc.constantFrom('2024-01-01T24:00:00.000000Z', '2024-01-01T24:00:00.000001Z');
    const good = micros.map(instantOfMicros);
    const spoilt = fc
      .tuple(good, fc.nat({ max: 27 }), fc.constantFrom('', '0', '9', '/', ':', '-', '.', 'Z', ' ', '٣', '\u0000'))
      .map(([text, at, by]) => text.slice(0, at) + by + text.slice(at + 1));
    fc.assert(fc.property(fc.oneof(near, midnight, good, spoilt), agrees), { numRuns: 2_000 });
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
