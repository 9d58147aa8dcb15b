import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { intervalScore } from '../densities/step-score.ts';
import { golden, near } from '../densities/testing/golden.ts';
import { type QuantileRules, quantileRecord, quantilesOf } from './quantile-answer.ts';
import { centralIntervals, pinball, scoreQuantiles, valueAt, weightedIntervalScore } from './quantile-score.ts';

const rules: QuantileRules = {
  levels: [0.1, 0.25, 0.5, 0.75, 0.9],
  crossing: 'scored',
  missing: 'refused',
  largest: 1e9,
};

describe('scores of quantiles, as scoringrules has them', () => {
  it('level by level, interval by interval and together, crossing ones and ties included', () => {
    let crossing = 0;
    for (const { levels, values, truth, alphas, ...expected } of golden.quantiles) {
      levels.forEach((level, i) => {
        near(pinball(truth, values[i]!, level), expected.pinball[i]!, 1e-13, `pinball ${level}`);
      });
      const points = { levels, values };
      alphas.forEach((alpha, i) => {
        const [lower, upper] = [valueAt(points, alpha / 2)!, valueAt(points, 1 - alpha / 2)!];
        near(intervalScore(truth, lower, upper, alpha), expected.interval[i]!, 1e-13, `interval ${alpha}`);
      });
      const scores = scoreQuantiles(truth, points);
      near(scores.wis!, expected.wis, 1e-13, 'weighted interval score');
      near(scores.crps, expected.crps, 1e-13, 'crps');
      crossing += Math.min(1, scores.crossings);
    }
    assert.ok(crossing >= 4);
  });

  it('are the absolute error of a point, in every form', () => {
    const points = { levels: rules.levels, values: rules.levels.map(() => 7) };
    near(weightedIntervalScore(10, points)!, 3, 1e-12, 'weighted interval score');
    near(2 * pinball(10, 7, 0.5), 3, 1e-12, 'median');
    near(scoreQuantiles(10, points).crps, 3, 1e-12, 'crps');
  });

  it('are least at the truth', () => {
    const drawn = Array.from({ length: 999 }, (_, i) => (i + 1) / 1000);
    const mean = (values: readonly number[]) =>
      drawn.reduce((sum, truth) => sum + scoreQuantiles(truth, { levels: rules.levels, values }).wis!, 0) /
      drawn.length;
    for (let i = 0; i < rules.levels.length; i++)
      for (const off of [-0.05, 0.05])
        assert.ok(
          mean(rules.levels.map((level, k) => (k === i ? level + off : level))) > mean(rules.levels),
          `${i} ${off}`,
        );
  });

  it('work without a median or an interval, and compare coverage with its nominal value', () => {
    const lone = scoreQuantiles(5, { levels: [0.25], values: [4] });
    assert.deepEqual([lone.wis, lone.coverage, lone.coverage_gap], [null, null, null]);
    const { coverage, coverage_gap } = scoreQuantiles(5, { levels: [0.1, 0.25, 0.75, 0.9], values: [0, 5.5, 6, 9] });
    assert.equal(coverage, 0.5);
    near(coverage_gap!, 0.5 - (0.8 + 0.5) / 2, 1e-12, 'gap');
    assert.deepEqual(centralIntervals({ levels: [0.1, 0.9], values: [1, 2] }), [{ alpha: 0.2, lower: 1, upper: 2 }]);
  });
});

describe('a prediction of quantiles', () => {
  const values = { '0.9': 9, '0.1': 1, '0.25': 2, '0.5': 5, '0.75': 7 };

  it('is read in every form', () => {
    const expected = { levels: rules.levels, values: [1, 2, 5, 7, 9] };
    assert.deepEqual(quantilesOf({ quantiles: values }, rules), expected);
    const pairs = Object.entries(values).map(([level, value]) => [Number(level), value]);
    assert.deepEqual(quantilesOf({ quantiles: pairs }, rules), expected);
    const rows = pairs.map(([quantile, value]) => ({ quantile, value }));
    assert.deepEqual(quantilesOf({ result: rows }, rules), expected);
    assert.deepEqual(quantileRecord(expected), values);
  });

  it('may cross or lack a level as far as the rules allow', () => {
    const crossed = { ...values, '0.25': 6 };
    assert.deepEqual(quantilesOf({ quantiles: crossed }, rules).values, [1, 6, 5, 7, 9]);
    assert.deepEqual(quantilesOf({ quantiles: crossed }, { ...rules, crossing: 'sorted' }).values, [1, 5, 6, 7, 9]);
    const { '0.25': _, ...inner } = values;
    assert.deepEqual(
      quantilesOf({ quantiles: inner }, { ...rules, missing: 'interpolated' }).values,
      [1, 2.5, 5, 7, 9],
    );
  });

  it('names the level that is wrong', () => {
    const { '0.9': _, ...outer } = values;
    const cases: readonly (readonly [unknown, Partial<QuantileRules>, string])[] = [
      [outer, {}, 'quantiles.0.9: expected a value, received nothing'],
      [
        outer,
        { missing: 'interpolated' },
        'quantiles.0.9: expected a value: there is none beyond it, received nothing',
      ],
      [
        { ...values, '0.25': 6 },
        { crossing: 'refused' },
        'quantiles.0.5: expected at least 6, the quantile below, received 5',
      ],
      [{ ...values, '0.6': 6 }, {}, 'quantiles: expected the levels 0.1, 0.25, 0.5, 0.75, 0.9, received 0.6'],
      [
        { ...values, '0.5': Number.NaN },
        {},
        'quantiles.0.5: expected a number from -1000000000 to 1000000000, received NaN',
      ],
      [
        { ...values, '0.5': 1e300 },
        {},
        'quantiles.0.5: expected a number from -1000000000 to 1000000000, received 1e+300',
      ],
      [{ ...values, '1': 3 }, {}, 'quantiles: expected levels above 0 and below 1, received "1"'],
      [
        [
          [0.5, 1],
          [0.5, 2],
        ],
        {},
        'quantiles: expected each level once, received 0.5 twice',
      ],
      [[7], {}, 'quantiles[0]: expected { quantile, value } or [level, value], received 7'],
      ['x', {}, 'quantiles: expected an object of levels and values, received "x"'],
    ];
    for (const [quantiles, over, message] of cases)
      assert.throws(() => quantilesOf({ quantiles }, { ...rules, ...over }), { message });
  });
});

describe('the flu forecasts of 2022/2023', () => {
  const folder = resolve(process.env.CRUNCH_DATA_DIR ?? '../shared/data', 'competition');
  const file = (name: string) => resolve(folder, `flusight_${name}_2022_2023.csv.gz`);
  const rowsOf = (name: string) =>
    gunzipSync(readFileSync(file(name)))
      .toString()
      .trim()
      .split('\n')
      .slice(1);

  it('have the scores that scoringrules gives all 55,568 of their quantiles', (t) => {
    if (!existsSync(file('observations'))) return t.skip(`SKIPPED: needs ${folder}, set CRUNCH_DATA_DIR`);
    const truths = new Map<string, number>();
    for (const row of rowsOf('observations')) {
      const [time, series, value] = row.split(',');
      truths.set(`${time} ${series}`, Number(value));
    }
    const forecasts = new Map<string, { model: string; truth: number; quantiles: Record<string, number> }>();
    for (const row of rowsOf('quantile_forecasts')) {
      const [issued, target, series, model = '', level = '', value] = row.split(',');
      const key = `${issued} ${target} ${series} ${model}`;
      const truth = truths.get(`${target} ${series}`)!;
      const forecast = forecasts.get(key) ?? { model, truth, quantiles: {} };
      forecasts.set(key, forecast);
      forecast.quantiles[level] = Number(value);
    }
    const levels = [0.01, 0.025, ...Array.from({ length: 19 }, (_, i) => (i + 1) / 20), 0.975, 0.99];
    for (const [model, expected] of Object.entries(golden.flu)) {
      const own = [...forecasts.values()].filter((forecast) => forecast.model === model);
      const points = own.map((forecast) => quantilesOf(forecast, { ...rules, levels }));
      const scores = points.map((one, i) => scoreQuantiles(own[i]!.truth, one));
      const mean = (of: (typeof scores)[number][keyof (typeof scores)[number]][]) =>
        of.reduce<number>((sum, value) => sum + Number(value), 0) / of.length;
      assert.equal(own.length, expected.forecasts);
      assert.equal(
        points.reduce((sum, one) => sum + one.values.length, 0),
        expected.quantiles,
      );
      assert.equal(scores.filter(({ crossings }) => crossings > 0).length, expected.crossing);
      near(mean(scores.map((score) => score.pinball)), expected.pinball, 1e-12, `${model} pinball`);
      near(mean(scores.map(({ wis }) => wis)), expected.wis, 1e-12, `${model} weighted interval score`);
      const covered = (alpha: number) =>
        points.filter((one, i) => {
          const truth = own[i]!.truth;
          return valueAt(one, alpha / 2)! <= truth && truth <= valueAt(one, 1 - alpha / 2)!;
        }).length;
      assert.deepEqual([covered(0.5), covered(0.05)], [expected.covered_50, expected.covered_95]);
    }
  });
});
