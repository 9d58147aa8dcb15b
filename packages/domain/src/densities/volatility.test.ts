import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSteps } from './density-answer.ts';
import { drawn } from './draws.ts';
import { MersenneTwister } from './mersenne-twister.ts';
import { type DensityRules, readDensity } from './read-density.ts';
import { golden, near } from './testing/golden.ts';
import { crc32, crpsOfEnsemble, drawnPaths, pricePath, type VolatilityRules, volatilityScore } from './volatility.ts';

const rules: DensityRules = { max_components: 3, max_depth: 3, quantiles: false, digits: null };
const hour: VolatilityRules = {
  horizon: 3_600,
  paths: 1_000,
  blocks: [
    { seconds: 3_600, weight: 1.75 },
    { seconds: 900, weight: 5.25 / 12 },
    { seconds: 300, weight: 5.25 / 36 },
  ],
  factors: { BTC: 0.00310804, SOL: 0.00161268, HYPE: 0.00389259 },
};
const stepsOf = (answer: Readonly<Record<string, readonly unknown[]>>) =>
  new Map(Object.entries(answer).map(([step, list]) => [Number(step), readSteps(list, step, rules)]));

describe('values drawn from a density', () => {
  for (const { seed, density, values } of golden.draws) {
    it(`are those of numpy and scipy: ${JSON.stringify(density).slice(0, 90)}`, () => {
      const own = drawn(readDensity(density, rules), new MersenneTwister(seed), values.length);
      own.forEach((value, i) => {
        near(value, values[i]!, 1e-9, `value ${i}`);
      });
    });
  }
});

describe('the volatility term', () => {
  it('is what the evaluator of crunch-synth adds to the score of an hour', () => {
    for (const { asset, horizon, start, entry, prices, answer, volatility } of golden.volatile_rounds) {
      const known = [entry, ...prices].map(([time, price]) => ({ time, price }));
      const real = pricePath(known, start, horizon, 60);
      assert.ok(real.includes(null), 'minutes are missing');
      const seed = crc32(`${asset}:${start + horizon}`);
      const score = volatilityScore(stepsOf(answer), real, seed, hour.factors[asset]!, hour);
      near(score ?? 0, volatility, 1e-9, asset);
    }
  });

  it('scores an ensemble by its CRPS', () => {
    for (const { x, members, crps } of golden.volatility.ensembles)
      near(crpsOfEnsemble(x, Float64Array.from(members)), crps, 1e-12, 'ensemble');
  });

  it('is none where the price is not known at the beginning, or only once', () => {
    const densities = stepsOf({ 60: [{ type: 'builtin', name: 'norm', params: { loc: 0, scale: 1 } }] });
    assert.equal(volatilityScore(densities, [null, 5, 6], 1, 1, hour), null);
    assert.equal(volatilityScore(densities, [5, null, null], 1, 1, hour), null);
  });

  it('shifts finer increments so that they sum to the coarser ones', () => {
    const normal = (scale: number) => ({ type: 'builtin', name: 'norm', params: { loc: 0, scale } });
    const both = stepsOf({ 60: [normal(1), normal(1)], 120: [normal(9)] });
    const coarse = drawnPaths(stepsOf({ 120: [normal(9)] }), 100, 7, 3);
    const paths = drawnPaths(new Map([...both].reverse()), 100, 7, 3);
    paths.forEach((path, i) => {
      near(path.at(-1)!, coarse[i]!.at(-1)!, 1e-12, `path ${i}`);
    });
    assert.throws(() => drawnPaths(stepsOf({ 60: [normal(1)], 120: [normal(9)] }), 100, 7, 3), {
      message: '60: expected 2 densities, received 1',
    });
  });
});
