import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { meanCorrelations } from './mean-correlations.ts';
import type { MetricInput } from './metric.ts';
import { pairsOf } from './pairs.ts';
import type { PeerSeries } from './peer-series.ts';
import { meanOfAll, meanWithout, peerSums } from './peer-sums.ts';
import { rankCorrelation } from './rank-correlation.ts';
import { ranked } from './ranked.ts';
import { builtInMetrics } from './registry.ts';
import { mean } from './returns.ts';
import { sharedWork } from './shared-work.ts';
import { spearman } from './spearman.ts';

const TOLERANCE = 1e-12;
const missing = Number.NaN;
const close = (a: number, b: number): boolean => Math.abs(a - b) <= TOLERANCE;

/** Many ties, some gaps, some series that are clones of each other or do not vary. */
const value = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -1e6, max: 1e6 }).map((millionths) => millionths / 1e6) },
  { weight: 3, arbitrary: fc.integer({ min: -2, max: 2 }) },
  { weight: 1, arbitrary: fc.constantFrom(missing, -0, Number.POSITIVE_INFINITY) },
);
const whole = fc.integer({ min: -3, max: 3 });
const matrix = (cell: fc.Arbitrary<number>) =>
  fc
    .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 24 }))
    .chain(([models, rounds]) =>
      fc.array(fc.array(cell, { minLength: rounds, maxLength: rounds }), { minLength: models, maxLength: models }),
    )
    .map((rows) => rows.map((row) => Float64Array.from(row)));
const anyMatrix = fc.oneof(matrix(value), matrix(whole));

/** By definition: every pair on its own, over the rounds both have. */
function naiveMeanCorrelation(rows: readonly Float64Array[], of: number): number {
  const correlations = rows.flatMap((row, i) => {
    const { x, y } = pairsOf(rows[of]!, row);
    return i === of || x.length < 2 ? [] : [spearman(x, y, 'default')];
  });
  return correlations.length === 0 ? missing : mean(correlations);
}

describe('rank correlation by order', () => {
  it('equals its definition, with ties and with gaps', () =>
    fc.assert(
      fc.property(anyMatrix, (rows) => {
        const [a, b = rows[0]!] = rows as [Float64Array, Float64Array?];
        const { x, y } = pairsOf(a, b);
        const expected = x.length < 2 ? null : spearman(x, y, 'default');
        const r = rankCorrelation(ranked(a), ranked(b));
        assert.ok(r === null || expected === null ? r === expected : close(r, expected), `${r} is not ${expected}`);
        assert.equal(rankCorrelation(ranked(b), ranked(a)), r);
      }),
    ));
});

describe('mean correlations', () => {
  it('are those of every pair by definition, with ties and with gaps', () =>
    fc.assert(
      fc.property(anyMatrix, (rows) => {
        const averages = meanCorrelations(rows.map((row) => ranked(row)));
        for (const [i, r] of averages.entries()) {
          const expected = naiveMeanCorrelation(rows, i);
          assert.ok(Number.isNaN(expected) ? Number.isNaN(r) : close(r, expected), `${r} is not ${expected}`);
        }
      }),
      { numRuns: 500 },
    ));

  it('hold for long series of which each has gaps of its own', () => {
    const rows = Array.from({ length: 12 }, (_, m) =>
      Float64Array.from({ length: 400 }, (_, i) =>
        m > 3 && (i * 31 + m * 17) % 41 < m ? missing : Math.sin(i * (m + 1)),
      ),
    );
    const averages = meanCorrelations(rows.map((row) => ranked(row)));
    for (const [i, r] of averages.entries()) assert.ok(close(r, naiveMeanCorrelation(rows, i)));
  });
});

describe('an order carried forward', () => {
  it('equals an order that sorting finds, whatever the earlier one was', () =>
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 40 }),
        fc.nat({ max: 40 }),
        fc.nat({ max: 40 }),
        fc.boolean(),
        (all, start, cut, isSpoilt) => {
          const before = Float64Array.from(all.slice(0, Math.max(0, all.length - cut)));
          const shift = Math.min(start, before.length);
          const earlier = ranked(isSpoilt ? before.map((number) => -number * number) : before);
          const now = Float64Array.from(all.slice(shift));
          const carried = ranked(now, { order: earlier.order, length: before.length, shift });
          const fresh = ranked(now);
          assert.deepEqual(
            [...carried.order].map((place) => now[place]! + 0),
            [...fresh.order].map((place) => now[place]! + 0),
          );
          assert.deepEqual(new Set(carried.order), new Set(fresh.order));
          assert.deepEqual([carried.hasTies, carried.present], [fresh.hasTies, fresh.present]);
        },
      ),
      { numRuns: 500 },
    ));
});

describe('means over peers', () => {
  const named = (rows: readonly Float64Array[]): PeerSeries[] =>
    rows.map((predictions, i) => ({ name: `m${i}`, predictions }));

  it('are the mean of the peers with a prediction, with one left out or not, and equal where predictions are', () =>
    fc.assert(
      fc.property(anyMatrix, (rows) => {
        const length = rows[0]!.length;
        const sums = peerSums(named(rows), length);
        const all = meanOfAll(sums);
        const without = meanWithout(sums, rows[0]!);
        for (let i = 0; i < length; i++) {
          const answers = rows.map((row) => row[i]!).filter(Number.isFinite);
          const others = rows
            .slice(1)
            .map((row) => row[i]!)
            .filter(Number.isFinite);
          assert.ok(answers.length === 0 ? Number.isNaN(all[i]) : close(all[i]!, mean(answers)));
          assert.ok(others.length === 0 ? Number.isNaN(without[i]) : close(without[i]!, mean(others)));
        }
      }),
    ));

  it('give the mean of equal predictions to the last digit, in whatever order they are added', () =>
    fc.assert(
      fc.property(
        fc
          .double({ min: -1e9, max: 1e9, noNaN: true, minExcluded: true })
          .filter((v) => Math.abs(v) > 1e-200 || v === 0),
        fc.integer({ min: 1, max: 500 }),
        (prediction, count) => {
          const clones = named(Array.from({ length: count }, () => Float64Array.of(prediction)));
          assert.equal(meanOfAll(peerSums(clones, 1))[0]! + 0, prediction + 0);
        },
      ),
    ));
});

describe('shared work', () => {
  it('changes no metric by more than rounding', () =>
    fc.assert(
      fc.property(anyMatrix, fc.array(whole, { minLength: 24, maxLength: 24 }), (rows, outcomes) => {
        const length = rows[0]!.length;
        const peers = rows.map((predictions, i): PeerSeries => ({ name: `m${i}`, predictions }));
        const ensembles = [{ name: '__ensemble_e__', predictions: meanOfAll(peerSums(peers.slice(1), length)) }];
        const shared = sharedWork(peers, length, () => undefined);
        for (const { name, predictions } of peers) {
          const input: MetricInput = {
            model_id: name,
            predictions,
            actuals: Float64Array.from(outcomes.slice(0, length)),
            values: Float64Array.from(outcomes.slice(0, length)),
            peers: () => peers,
            ensembles: () => ensembles,
            profile: 'default',
          };
          for (const [metric, compute] of builtInMetrics) {
            const [alone, together] = [compute(input), compute({ ...input, shared })];
            if (typeof alone === 'number' && typeof together === 'number') {
              assert.ok(close(alone, together), `${metric}: ${alone} is not ${together}`);
            } else assert.deepEqual(together, alone, metric);
          }
        }
      }),
      { numRuns: 300 },
    ));
});
