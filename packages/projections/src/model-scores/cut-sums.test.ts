import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addSeconds, type Instant } from '@crunch-node/streams';
import fc from 'fast-check';
import { type Openings, sumTerms } from './cut-sums.ts';
import { type Cuts, cutsFor, dayOf, hourOf } from './rolling.ts';

const start = '2026-11-21T19:07:17.605149Z';
const windows = [
  { name: 'short', hours: 1 },
  { name: 'long', hours: 24 },
  { name: 'longest', hours: 168 },
];

interface Score {
  readonly at: Instant;
  readonly value: number;
}

/** Sums by segment as they are put together of the sums of days and hours and of single scores. */
function summedUp(scores: readonly Score[], cuts: Cuts, end: Instant, openings: Openings): Map<number, number> {
  const { days, pieces, hours, rests, singles } = sumTerms(cuts, openings);
  const sums = new Map<number, number>();
  const segmentOf = (at: Instant): number => cuts.cuts.findLastIndex((cut) => cut <= at) + 1;
  const add = (sum: number, at: Instant, less: Instant | null): void => {
    sums.set(segmentOf(at), (sums.get(segmentOf(at)) ?? 0) + sum);
    if (less !== null) add(-sum, less, null);
  };
  const sumOf = (own: readonly Score[]): number => own.reduce((sum, { value }) => sum + value, 0);
  const byUnit = (unitOf: (at: Instant) => Instant): [Instant, Score[]][] =>
    [...new Set(scores.map(({ at }) => unitOf(at)))].map((unit) => [
      unit,
      scores.filter(({ at }) => unitOf(at) === unit),
    ]);
  const cutDays = new Map(days.map(({ day, at }) => [day, at]));
  for (const [day, own] of byUnit(dayOf)) {
    const at = cutDays.has(day) ? cutDays.get(day)! : day;
    if (day <= end && at !== null) add(sumOf(own), at, null);
  }
  for (const [hour, own] of byUnit(hourOf)) {
    const piece = pieces.find(({ from, to }) => hour >= from && hour < to);
    if (piece !== undefined && hour <= end && !hours.includes(hour)) add(sumOf(own), hour, piece.less);
    for (const rest of rests) if (rest.hour === hour) add(sumOf(own), rest.at, rest.less);
  }
  for (const { from, to, plus, minus } of singles) {
    const sum = sumOf(scores.filter(({ at }) => at >= from && at < to && at <= end));
    if (plus !== null) add(sum, plus.at, plus.less);
    if (minus !== null) add(-sum, minus.at, minus.less);
  }
  return sums;
}

describe('sums between cuts', () => {
  it('of days, hours and few single scores are those of all scores', () => {
    const scored = fc.array(
      fc.tuple(fc.integer({ min: -12 * 86_400, max: 12 * 86_400 }), fc.integer({ min: -99, max: 99 })),
      { maxLength: 60 },
    );
    const span = fc.tuple(fc.integer({ min: 0, max: 10 * 86_400 }), fc.integer({ min: 1, max: 30 }));
    fc.assert(
      fc.property(scored, span, fc.array(fc.integer({ min: -200, max: 240 })), (values, [seconds, points], opened) => {
        const scores = values.map(([after, value]): Score => ({ at: addSeconds(start, after), value }));
        const end = addSeconds(start, seconds);
        const cuts = cutsFor({ start, end }, points, windows);
        const next =
          scores
            .map(({ at }) => at)
            .filter((at) => at > end)
            .sort()[0] ?? null;
        const unsure = new Set(opened.map((hours) => hourOf(addSeconds(start, 3_600 * hours))));
        const sums = summedUp(scores, cuts, end, { unsure, next });
        for (let segment = 1; segment < cuts.cuts.length; segment++) {
          const [from, to] = [cuts.cuts[segment - 1]!, cuts.cuts[segment]!];
          const expected = scores.filter(({ at }) => at >= from && at < to).reduce((sum, { value }) => sum + value, 0);
          assert.equal(sums.get(segment) ?? 0, expected, `segment ${segment}, from ${from} to ${to}`);
        }
      }),
    );
  });

  it('read half an hour and half a day at most where a window begins', () => {
    const end = '2026-11-30T22:10:00.000000Z';
    const { days, pieces, singles } = sumTerms(cutsFor({ start, end }, 1, windows.slice(1, 2)), { next: null });
    assert.deepEqual(
      days.map(({ day, at }) => [day.slice(5, 10), at?.slice(5, 16)]),
      [
        ['11-21', '11-21T00:00'],
        ['11-29', '11-29T00:00'],
      ],
    );
    assert.deepEqual(
      pieces.map(({ from, to }) => [from.slice(5, 16), to.slice(5, 16)]),
      [
        ['11-21T19:07', '11-22T00:00'],
        ['11-29T22:10', '11-30T00:00'],
      ],
    );
    assert.ok(singles.every(({ from, to }) => to <= addSeconds(from, 1_800)));
  });
});
