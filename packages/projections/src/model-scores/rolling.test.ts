import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addSeconds, instantOfMicros, microsOf } from '@crunch-node/streams';
import fc from 'fast-check';
import { cutsFor, rollingPoints, type Segment } from './rolling.ts';

const start = '2026-11-21T19:07:17.605149Z';
const windows = [
  { name: 'short', hours: 1 },
  { name: 'long', hours: 24 },
];

describe('the cuts of windows', () => {
  it('are at whole hours over a long span, and just after its end', () => {
    const { marks } = cutsFor({ start, end: '2026-11-22T05:30:00.000000Z' }, 20, windows);
    assert.deepEqual(
      [marks[0]?.at, marks.at(-2)?.until, marks.at(-1)?.at, marks.at(-1)?.until, marks.length],
      [
        '2026-11-21T20:00:00.000000Z',
        '2026-11-22T05:00:00.000000Z',
        '2026-11-22T05:30:00.000000Z',
        '2026-11-22T05:30:00.000001Z',
        11,
      ],
    );
  });

  it('are at minutes over a short one, and never at more places than requested', () => {
    const end = addSeconds(start, 3_600);
    assert.equal(cutsFor({ start, end }, 1_000, windows).marks.length, 61);
    const spans = fc.tuple(fc.integer({ min: 0, max: 90 * 86_400 }), fc.integer({ min: 1, max: 500 }));
    fc.assert(
      fc.property(spans, ([seconds, points]) => {
        const { marks, cuts } = cutsFor({ start, end: addSeconds(start, seconds) }, points, windows);
        assert.ok(marks.length <= points, `${marks.length} of ${points}`);
        assert.deepEqual(cuts, [...new Set(cuts)].sort());
      }),
    );
  });
});

describe('rolling means', () => {
  it('equal the mean of each window, however its scores are summed up before', () => {
    const scored = fc.array(
      fc.tuple(fc.integer({ min: -40 * 3_600, max: 20 * 3_600 }), fc.integer({ min: -99, max: 99 })),
    );
    fc.assert(
      fc.property(scored, fc.integer({ min: 1, max: 40 }), (values, points) => {
        const scores = values.map(([seconds, value]) => ({ at: addSeconds(start, seconds), value }));
        const end = addSeconds(start, 15 * 3_600);
        const cut = cutsFor({ start, end }, points, windows);
        const segments = scores.flatMap(({ at, value }): Segment[] => {
          const segment = cut.cuts.findLastIndex((bound) => bound <= at) + 1;
          return [{ segment, scored: 1, total: value, performed_at: at }];
        });
        const expected = cut.marks.flatMap(({ at: moment, until }, i) => {
          const inside = scores
            .filter(({ at }) => at >= start && at < until)
            .map(({ at }) => at)
            .sort();
          const isLast = i === cut.marks.length - 1;
          const newest = inside.at(-1);
          const before = cut.marks[i - 1]?.until ?? start;
          const later = scores.some(({ at }) => at >= until && at < cut.marks.at(-1)!.until);
          if (newest === undefined || (!isLast && (newest < before || !later))) return [];
          const averages = windows.map(({ hours }) => {
            const begin = instantOfMicros(microsOf(moment) - hours * 3.6e9);
            const held = scores.filter(({ at }) => at >= begin && at < until).map(({ value }) => value);
            return held.length === 0 ? null : held.reduce((sum, value) => sum + value, 0) / held.length;
          });
          return [{ performed_at: newest, averages }];
        });
        assert.deepEqual(rollingPoints(segments, cut), expected);
      }),
    );
  });
});
