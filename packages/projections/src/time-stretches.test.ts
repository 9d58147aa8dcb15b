import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addSeconds, instantOfMicros } from '@crunch-node/streams';
import fc from 'fast-check';
import { lastOfEach, stretchesOf } from './time-stretches.ts';

const begin = '2026-11-21T19:07:17.605149Z';
const span = (seconds: number, from = begin) => ({ start: from, end: addSeconds(from, seconds) });

describe('stretches of time', () => {
  it('are at most as many as requested, and cover the span', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e9 }),
        fc.nat(400 * 86_400),
        fc.integer({ min: 1, max: 5_000 }),
        (at, length, points) => {
          const asked = span(length, instantOfMicros(at * 1e6 + 1));
          const { seconds, first, last } = stretchesOf(asked, points);
          assert.ok(last - first + 1 <= points, `${last - first + 1} of ${points}`);
          assert.ok(first * seconds < at + 1e-6 && (last + 1) * seconds >= at + length);
        },
      ),
    ));

  it('are the same a moment later', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 600, max: 90 * 86_400 }),
        fc.integer({ min: 2, max: 2_000 }),
        fc.nat(3_600),
        (length, points, later) => {
          const one = stretchesOf(span(length), points);
          const other = stretchesOf(span(length, addSeconds(begin, later)), points);
          assert.equal(one.seconds, other.seconds);
        },
      ),
    ));

  it('have whole lengths', () => {
    assert.equal(stretchesOf(span(30 * 86_400), 500).seconds, 2 * 3_600);
    assert.equal(stretchesOf(span(30 * 86_400), 720).seconds, 2 * 3_600);
    assert.equal(stretchesOf(span(86_400), 300).seconds, 300);
    assert.equal(stretchesOf(span(0), 10).seconds, 1);
    assert.equal(stretchesOf(span(400 * 86_400), 3).seconds, 200 * 86_400);
  });

  it('are thinned to the last of each, whatever range around them is requested', () => {
    const all = Array.from({ length: 5_000 }, (_, i) => addSeconds(begin, 7.5 * i));
    const within = (from: number) => {
      const { start, end } = span(30_000, addSeconds(begin, from));
      const found = all.filter((time) => time >= start && time <= end);
      return lastOfEach(found, (time) => time, stretchesOf({ start, end }, 200));
    };
    const [now, later] = [within(0), within(30)];
    assert.ok(now.length > 90 && now.length <= 200);
    assert.equal(
      now.at(-1),
      all.findLast((time) => time <= addSeconds(begin, 30_000)),
    );
    const inBoth = now.slice(1, -1).filter((time) => !later.includes(time));
    assert.deepEqual(inBoth, []);
  });
});
