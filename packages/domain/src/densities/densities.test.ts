import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cdf, pdf, ppf } from './density.ts';
import { crpsOnGrid } from './grid-crps.ts';
import { logScore } from './log-score.ts';
import { type DensityRules, readDensity } from './read-density.ts';
import { roundSignificant } from './round-significant.ts';
import { golden, near } from './testing/golden.ts';

const rules: DensityRules = { max_components: 5, max_depth: 3, quantiles: true, digits: null };
const read = (given: unknown) => readDensity(given, rules);
const normal = (loc: number, scale: number) => ({ type: 'builtin', name: 'norm', params: { loc, scale } });

describe('densities, as the packages of the live competitions evaluate them', () => {
  for (const { density, xs, ...expected } of golden.densities) {
    const title = JSON.stringify(density).slice(0, 100);
    it(title, () => {
      const own = read(density);
      xs.forEach((x, i) => {
        near(pdf(own, x), expected.pdf[i]!, 1e-12, `pdf at ${x}`);
        if (expected.cdf !== undefined) near(cdf(own, x), expected.cdf[i]!, 1e-11, `cdf at ${x}`);
      });
      expected.levels?.forEach((level, i) => {
        near(ppf(own, level), expected.ppf![i]!, 1e-9, `quantile ${level}`);
      });
      for (const { x, t, points, crps } of expected.synth) {
        near(
          crpsOnGrid(own, x, { lower: -t, upper: t, points, normalised: true }),
          crps,
          1e-11,
          `crunch-synth at ${x}`,
        );
      }
      for (const { x, t, points, crps } of expected.condor ?? []) {
        near(crpsOnGrid(own, x, { lower: -t, upper: t, points, normalised: false }), crps, 1e-11, `condorgame at ${x}`);
      }
    });
  }

  it('round parameters as they do', () => {
    for (const { value, digits, rounded } of golden.rounding)
      assert.equal(roundSignificant(value, digits), rounded, String(value));
  });

  it('score a tick by the density of birdgame, and its logarithm', () => {
    const { ticks, likelihoods, overall, horizon } = golden.bird;
    const logs: number[] = [];
    ticks.forEach(([time, place], i) => {
      // The newest prediction that is old enough is judged, an older one passed over.
      const due = ticks.findLast(([made]) => made + horizon <= time);
      if (due === undefined) {
        assert.equal(likelihoods[i], null);
        return;
      }
      const params = { loc: due[1], scale: 2, df: 3 };
      const wide = { type: 'builtin', name: 't', params };
      const components = [
        { density: normal(due[1], 0.8), weight: 0.7 },
        { density: wide, weight: 0.3 },
      ];
      const made = read({ type: 'mixture', components });
      near(pdf(made, place), likelihoods[i]!, 1e-12, `tick ${i}`);
      logs.push(logScore(made, place));
    });
    near(logs.reduce((a, b) => a + b) / logs.length, overall, 1e-12, 'overall');
  });
});

describe('the score of a density', () => {
  const grid = { lower: -20, upper: 20, points: 8001, normalised: true };

  it('is near the closed form of a normal distribution', () => {
    for (const { mu, sigma, x, crps } of golden.normals)
      near(crpsOnGrid(read(normal(mu, sigma)), x, { ...grid, lower: -60, upper: 60 }), crps, 2e-2, `${mu} ${sigma}`);
  });

  it('is the absolute error of a point', () => {
    for (const at of [-7, 0, 3.21])
      for (const x of [-5, 1.5, 12]) {
        const point = read(normal(at, 0.01));
        const score = crpsOnGrid(point, x, grid);
        assert.ok(Math.abs(score - Math.abs(at - x)) < 0.02, `${at} ${x}: ${score}`);
      }
  });

  it('is lowest in expectation for the true density, against any other forecast', () => {
    const truth = read(normal(1, 2));
    const drawn = Array.from({ length: 199 }, (_, i) => ppf(truth, (i + 1) / 200));
    const meanOf = (score: (x: number) => number) => drawn.reduce((sum, x) => sum + score(x), 0) / drawn.length;
    const coarse = { ...grid, points: 401 };
    const best = meanOf((x) => crpsOnGrid(truth, x, coarse));
    const bestLog = meanOf((x) => logScore(truth, x));
    for (const other of [normal(0, 2), normal(2, 2), normal(1, 1), normal(1, 4)]) {
      assert.ok(meanOf((x) => crpsOnGrid(read(other), x, coarse)) > best, JSON.stringify(other));
      assert.ok(meanOf((x) => logScore(read(other), x)) < bestLog, JSON.stringify(other));
    }
  });

  it('of a mixture has the weighted density and distribution of its parts, and ordered quantiles', () => {
    const parts = [normal(-2, 1), { type: 'scipy', name: 'skewnorm', params: { a: 3, loc: 1 } }, normal(4, 0.1)];
    const weights = [1, -2, 5];
    const mixed = read({ type: 'mixture', components: parts.map((density, i) => ({ density, weight: weights[i] })) });
    for (const x of [-3, 0, 1.7, 4.05]) {
      const sum = (of: typeof pdf) =>
        parts.reduce((all, part, i) => all + (Math.abs(weights[i]!) / 8) * of(read(part), x), 0);
      near(pdf(mixed, x), sum(pdf), 1e-12, 'pdf');
      near(cdf(mixed, x), sum(cdf), 1e-12, 'cdf');
    }
    const quantiles = [0.01, 0.1, 0.2, 0.5, 0.8, 0.99].map((level) => ppf(mixed, level));
    assert.deepEqual(
      quantiles,
      [...quantiles].sort((a, b) => a - b),
    );
    for (const level of [0.01, 0.2, 0.99]) near(cdf(mixed, ppf(mixed, level)), level, 1e-9, `level ${level}`);
  });

  it('takes quantiles for a density, its mass spread between them', () => {
    const density = read({ type: 'quantiles', quantiles: { '0.9': 9, '0.1': 1, '0.5': 5 } });
    for (const level of [0.05, 0.1, 0.3, 0.5, 0.95]) near(ppf(density, level), 10 * level, 1e-12, String(level));
    near(pdf(density, 3), 0.1, 1e-12, 'pdf');
    near(crpsOnGrid(density, 5, { lower: -5, upper: 15, points: 20_001, normalised: true }), 10 / 12, 1e-3, 'crps');
  });
});

describe('an invalid density', () => {
  const mixed = (count: number) => ({
    type: 'mixture',
    components: Array.from({ length: count }, () => ({ density: normal(0, 1), weight: 1 })),
  });
  const nested = (depth: number): unknown =>
    depth === 0 ? normal(0, 1) : { type: 'mixture', components: [{ density: nested(depth - 1), weight: 1 }] };
  const faults: readonly (readonly [unknown, RegExp])[] = [
    [null, /^density: expected a density, an object with a type, received null$/],
    [[1, 2], /received a list of 2$/],
    [{}, /^type: expected builtin, scipy, statistics, mixture, quantiles, received nothing$/],
    [{ type: 'builtin', name: 'gauss', params: {} }, /^name: expected norm, expon, .* received "gauss"$/],
    [{ type: 'builtin', name: 'norm' }, /^params: expected an object of parameters, received nothing$/],
    [
      { type: 'builtin', name: 'norm', params: { loc: 0 } },
      /^params.scale: expected a number from .* received nothing$/,
    ],
    [normal(0, -1), /^params.scale: expected a number above 0, received -1$/],
    [normal(0, 0), /^params.scale: expected a number above 0, received 0$/],
    [normal(Number.NaN, 1), /^params.loc: .* received NaN$/],
    [normal(1e300, 1), /^params.loc: expected a number from -1000000000000 to 1000000000000, received 1e\+300$/],
    [normal(0, Number.POSITIVE_INFINITY), /^params.scale: .* received Infinity$/],
    [normal(0, 1e-320), /^params.scale: expected a number above 0/],
    [
      { type: 'builtin', name: 't', params: { df: 0, loc: 0, scale: 1 } },
      /^params.df: expected a number above 0, received 0$/,
    ],
    [
      { type: 'scipy', name: 'norm', params: { mu: 1 } },
      /^params: expected no parameters but loc, scale, received "mu"$/,
    ],
    [{ type: 'scipy', name: 'poisson', params: { mu: 1 } }, /^name: expected norm, .* received "poisson"$/],
    [{ type: 'scipy', name: '__proto__', params: {} }, /^name: /],
    [{ type: 'mixture', components: [] }, /^components: expected a list of at least one, received a list of 0$/],
    [
      { type: 'mixture', components: [{ density: normal(0, 1), weight: 0 }] },
      /^components: expected weights of which one is not 0/,
    ],
    [{ type: 'mixture', components: [{ density: normal(0, 1) }] }, /^components\[0\].weight: .* received nothing$/],
    [mixed(10_000), /^components: expected at most 5 components, received 10000$/],
    [nested(4), /^components\[0\].density.components\[0\].*: expected mixtures at most 3 deep/],
    [
      { type: 'quantiles', quantiles: { '0.1': 2, '0.9': 1 } },
      /^quantiles.0.9: expected at least 2, the quantile below, received 1$/,
    ],
    [
      { type: 'quantiles', quantiles: { '0.1': 2, x: 1 } },
      /^quantiles: expected levels above 0 and below 1, received "x"$/,
    ],
    [{ type: 'quantiles', quantiles: { '0.5': 2 } }, /^quantiles: expected 2 to 500 quantiles/],
  ];
  for (const [given, message] of faults) {
    it(`names the fault: ${message.source.slice(0, 70)}`, () =>
      assert.throws(
        () => read(given),
        (error: Error) => error.name === 'DensityFault' && message.test(error.message),
      ));
  }

  it('is never scored with a number that is not finite', () => {
    const pole = read({ type: 'builtin', name: 'gamma', params: { a: 0.5, loc: 0, scale: 1 } });
    assert.throws(
      () => crpsOnGrid(pole, 1, { lower: -1, upper: 1, points: 3, normalised: true }),
      /finite on the grid/,
    );
    assert.throws(() => logScore(pole, 0), /expected a density that is finite at 0/);
    const extremes = [
      normal(1e12, 1e-100),
      normal(-1e12, 1e12),
      normal(0, 1e-100),
      { type: 'scipy', name: 'gennorm', params: { beta: 1e6, loc: 1e12, scale: 1e-12 } },
    ];
    for (const given of extremes)
      for (const x of [0, 1e12, -1e12])
        for (const normalised of [true, false]) {
          const score = crpsOnGrid(read(given), x, { lower: -100, upper: 100, points: 256, normalised });
          assert.ok(Number.isFinite(score) && score >= 0, `${JSON.stringify(given)} ${x}: ${score}`);
          assert.ok(Number.isFinite(logScore(read(given), x)));
        }
  });
});
