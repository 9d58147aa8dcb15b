import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { instantOfMicros } from './instant.ts';
import { instantOfText, readTimeText } from './time-text.ts';

describe('the text of a time', () => {
  const texts: readonly [string, string][] = [
    ['2024-02-29', '2024-02-29T00:00:00.000000Z'],
    ['2024-01-31T12:00', '2024-01-31T12:00:00.000000Z'],
    ['2024-01-31 12:00:05', '2024-01-31T12:00:05.000000Z'],
    ['2024-01-31t12:00:05.1239999z', '2024-01-31T12:00:05.123999Z'],
    ['2024-01-31T12:00:05,5+05:30', '2024-01-31T06:30:05.500000Z'],
    ['2024-01-31 00:00:00+00', '2024-01-31T00:00:00.000000Z'],
    ['2024-01-31T12:00:05-0800', '2024-01-31T20:00:05.000000Z'],
    ['2286-11-20T17:46:39.999Z', '2286-11-20T17:46:39.999000Z'],
  ];
  for (const [text, expected] of texts) it(`${text} is read`, () => assert.equal(instantOfText(text), expected));

  const others = [
    '',
    '1',
    '2024',
    '2024-1-1',
    '20240131',
    '2023-02-29',
    '2024-01-31T24:00',
    '2024-01-31T12',
    'Jan 1, 2024',
  ];
  for (const text of [
    ...others,
    '2024-01-31T12:60',
    '2024-01-31Z',
    '2024-01-31T12:00 UTC',
    '2024-01-31T12:00+24:00',
    '01/02/2024',
  ]) {
    it(`${JSON.stringify(text)} is none`, () => assert.equal(readTimeText(text), null));
  }

  it('is what an instant writes', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_000_000_000_000_000 }), (micros) => {
        assert.equal(instantOfText(instantOfMicros(micros)), instantOfMicros(micros));
      }),
    ));

  it('does not depend on the zone of the process', () => {
    const before = process.env.TZ;
    try {
      for (const zone of ['America/New_York', 'Asia/Kolkata', 'UTC']) {
        process.env.TZ = zone;
        assert.equal(readTimeText('2024-07-01 00:00:00')?.millis, Date.UTC(2024, 6, 1), zone);
      }
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });
});
