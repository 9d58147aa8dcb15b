import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { instantOfMicros } from '@crunch-node/streams';
import fc from 'fast-check';
import { tsNaive, tsOff, tsZ } from '../../values/timestamps.ts';
import { hintFor, parseInstant } from './parse-instant.ts';

describe('a time in a query', () => {
  const spellings: readonly [string, string][] = [
    ['2026-11-21', '2026-11-21T00:00:00.000000Z'],
    ['2026-11-21T19:07', '2026-11-21T19:07:00.000000Z'],
    ['2026-11-21T19:07:17.605149Z', '2026-11-21T19:07:17.605149Z'],
    ['2026-11-21 19:07:17.6', '2026-11-21T19:07:17.600000Z'],
    ['2026-11-21T19:07:17.605149+00:00', '2026-11-21T19:07:17.605149Z'],
    ['2026-11-21T19:07:17+02:30', '2026-11-21T16:37:17.000000Z'],
    ['2026-11-21T19:07:17-0500', '2026-11-22T00:07:17.000000Z'],
    ['2026-11-21T19:07:17.605149 00:00', '2026-11-21T19:07:17.605149Z'],
    ['2026-11-21T19:07:17 02:30', '2026-11-21T16:37:17.000000Z'],
    ['2026-11-21 19:07:17 0230', '2026-11-21T16:37:17.000000Z'],
    ['2026-11-21 19:07:17 00', '2026-11-21T19:07:17.000000Z'],
    ['2026-11-21 19:07 02:00', '2026-11-21T17:07:00.000000Z'],
    ['2026-11-21 19:07', '2026-11-21T19:07:00.000000Z'],
    ['1795288037', '2026-11-21T19:07:17.000000Z'],
    ['1795288037.605149', '2026-11-21T19:07:17.605149Z'],
    ['1795288037605', '2026-11-21T19:07:17.605000Z'],
    ['0', '1970-01-01T00:00:00.000000Z'],
  ];
  for (const [text, expected] of spellings) {
    it(`reads ${text}`, () => assert.equal(parseInstant(text), expected));
  }

  for (const text of [
    '',
    'yesterday',
    '2026-13-01',
    '2026-02-30',
    '21.11.2026',
    '1e9',
    '2026-11-21T25:00',
    '2026-11-21T19:07:17+99:00',
    '2026-11-21T19:07:17+02:60',
    '99999999999999999',
    '20261118',
    '18112026',
    '202611',
    '2026',
    '202611181907',
    '20261118190717',
    '20261118T190717',
    '-1',
    '86400',
    '1795288037605149',
    '1795288037605149000',
    '0x6b',
    'Infinity',
    '2026-11-21T19:07 17',
    '2026-11-21T19:07:17 99:00',
    '2026-11-21 02:00 02:00 02:00',
    '2026-11-21T19:07:17  00:00',
    '2026-11-21T19',
    '2026-W47',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseInstant(text), undefined));
  }

  it('suggests what was probably intended', () => {
    assert.equal(hintFor('20261118'), 'a date is written 2026-11-18');
    assert.equal(hintFor('20261118T190717'), 'a date is written 2026-11-18');
    assert.match(hintFor('1795288037605149'), /microseconds/);
    assert.match(hintFor('1795288037605149000'), /nanoseconds/);
    assert.match(hintFor('2026-11-21T19:07:17 99:00'), /%2B/);
    assert.equal(hintFor('yesterday'), '');
  });

  it('reads back every spelling we write', () => {
    const anyMicros = fc.integer({ min: 0, max: 4_000_000_000_000_000 });
    fc.assert(
      fc.property(anyMicros, (micros) => {
        const instant = instantOfMicros(micros);
        for (const spell of [tsZ, tsNaive, tsOff]) assert.equal(parseInstant(spell(instant)), instant);
      }),
    );
  });

  it('takes open ends as the earliest and latest instants', () => {
    assert.equal(parseInstant('0001-01-01T00:00:00Z'), '1716-06-28T09:46:40.000000Z');
    assert.equal(parseInstant('9999-12-31T23:59:59Z'), '2223-07-06T14:13:20.000000Z');
  });

  it('leaves a fraction of zero out', () => {
    assert.equal(tsZ('2026-11-21T19:07:17.000000Z'), '2026-11-21T19:07:17Z');
    assert.equal(tsNaive('2026-11-21T19:07:17.605000Z'), '2026-11-21T19:07:17.605000');
    assert.equal(tsOff('2026-11-21T19:07:17.605149Z'), '2026-11-21T19:07:17.605149+00:00');
  });
});
