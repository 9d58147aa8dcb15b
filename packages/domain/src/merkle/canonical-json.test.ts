import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anyText } from '@crunch-node/streams/testing';
import fc from 'fast-check';
import { canonicalJson, Integer, NotCanonical } from './canonical-json.ts';
import { snapshotText } from './snapshot-hash.ts';

const floats = (value: unknown): string => canonicalJson(value, { numbers: 'float' });

describe('the time of a snapshot', () => {
  it('is hashed as the reference writes it, with or without an offset', () => {
    const text = (period_end: string): string =>
      snapshotText({ model_id: 'm', period_start: period_end, period_end, prediction_count: 1, result_summary: {} });
    for (const [given, written] of [
      ['2026-01-01T12:00:00.5', '2026-01-01T12:00:00.500000'],
      ['2026-01-01T12:00:00.5+00:00', '2026-01-01T12:00:00.500000+00:00'],
      ['2026-01-01T12:00:00.000001', '2026-01-01T12:00:00.000001'],
      ['2026-01-01T12:00:00.000', '2026-01-01T12:00:00'],
      ['2026-01-01T12:00:00.120-05:00', '2026-01-01T12:00:00.120000-05:00'],
      ['2026-01-01T12:00:00', '2026-01-01T12:00:00'],
      ['2026-01-01T12:00', '2026-01-01T12:00:00'],
      ['2026-01-01 12:00+0530', '2026-01-01T12:00:00+05:30'],
      ['2026-01-01t12:00:00.5z', '2026-01-01T12:00:00.500000+00:00'],
      ['2026-01-01T12:00:00+00', '2026-01-01T12:00:00+00:00'],
    ] as const) {
      assert.ok(text(given).includes(`"period_end":"${written}","period_start":"${written}"`), text(given));
    }
  });
});

describe('canonical JSON', () => {
  it('sorts keys by code point at every level and leaves no blanks', () =>
    assert.equal(
      canonicalJson({ 𐐷: 1, ﬀ: { b: [true, null], a: '' }, 9: 2, 10: 3 }),
      '{"10":3,"9":2,"\\ufb00":{"a":"","b":[true,null]},"\\ud801\\udc37":1}',
    ));

  it('escapes everything outside printable ASCII, and no slash', () =>
    assert.equal(
      canonicalJson('a/"\\\b\t\n\f\r\u0001\x7fé😀'),
      '"a/\\"\\\\\\b\\t\\n\\f\\r\\u0001\\u007f\\u00e9\\ud83d\\ude00"',
    ));

  it('writes floats as the reference does', () => {
    const cases: [number, string][] = [
      [1, '1.0'],
      [-0, '-0.0'],
      [0.0001, '0.0001'],
      [0.00001, '1e-05'],
      [1.5e-10, '1.5e-10'],
      [1e15, '1000000000000000.0'],
      [1e16, '1e+16'],
      [1.2345678901234568e17, '1.2345678901234568e+17'],
      [1.5e300, '1.5e+300'],
      [123.25, '123.25'],
      [0.30000000000000004, '0.30000000000000004'],
    ];
    for (const [value, text] of cases) assert.equal(floats(value), text);
  });

  it('keeps integers apart from floats when configured so', () => {
    assert.equal(floats({ a: new Integer(5), b: 5 }), '{"a":5,"b":5.0}');
    assert.equal(canonicalJson({ a: 5, b: 1e21 }), '{"a":5,"b":1e+21}');
    assert.equal(floats(new Integer(2 ** 60)), '1152921504606846976');
    assert.throws(() => new Integer(1.5), RangeError);
  });

  it('refuses values without a JSON form', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, { a: [Number.NaN] }, 1n, () => 1]) {
      assert.throws(() => canonicalJson(value), NotCanonical);
      assert.throws(() => floats(value), NotCanonical);
    }
  });

  it('reads back as the same value, whatever the value', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = JSON.parse(JSON.stringify(value));
        assert.deepEqual(JSON.parse(canonicalJson(value)), plain);
        assert.deepEqual(JSON.parse(floats(plain)), plain);
        assert.match(canonicalJson(value), /^[ -~]*$/);
      }),
    ));

  it('has one text per value, however its keys are ordered', () =>
    fc.assert(
      fc.property(fc.dictionary(anyText(), fc.integer()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        assert.equal(canonicalJson(reversed), canonicalJson(value));
      }),
    ));
});
