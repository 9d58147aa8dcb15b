import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { instantOfText } from '@crunch-node/streams';
import fc from 'fast-check';
import { parseInstant } from './parse-instant.ts';

describe('a time in a query and a time in an option', () => {
  const two = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
  const day = fc
    .tuple(fc.integer({ min: 1990, max: 2200 }), two(13), two(32))
    .map(([year, month, date]) => `${year}-${month}-${date}`);
  const clock = fc.oneof(
    fc.constant(''),
    fc
      .tuple(
        fc.constantFrom('T', ' ', 't'),
        two(25),
        two(61),
        fc.constantFrom('', ':00', ':59', ':60', ':07.5', ':07.123456789'),
      )
      .map(([separator, hours, minutes, rest]) => `${separator}${hours}:${minutes}${rest}`),
  );
  const zone = fc.constantFrom('', 'Z', 'z', '+00:00', '+05:30', '-0800', '+14', '+24:00', 'UTC');

  it('are read alike', () =>
    fc.assert(
      fc.property(day, clock, zone, (date, time, where) => {
        const text = `${date}${time}${time === '' ? '' : where}`;
        assert.equal(parseInstant(text) ?? null, instantOfText(text), text);
      }),
      { numRuns: 500 },
    ));
});
