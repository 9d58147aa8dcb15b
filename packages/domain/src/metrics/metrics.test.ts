import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertInRange } from '../testing/metric-ranges.ts';
import { computeMetrics } from './compute.ts';
import type { MetricInput } from './metric.ts';
import { builtInMetrics } from './registry.ts';
import { sharedWork } from './shared-work.ts';
import { ranksOf, spearman } from './spearman.ts';

const input = (given: Partial<MetricInput>): MetricInput => ({
  model_id: 'a',
  predictions: [],
  actuals: [],
  values: [],
  peers: () => [],
  ensembles: () => [],
  profile: 'default',
  ...given,
});
const compute = (name: string, given: Partial<MetricInput>) => builtInMetrics.get(name)!(input(given));
const missing = Number.NaN;
const series = (...values: number[]): Float64Array => Float64Array.from(values);

describe('rank correlation', () => {
  it('shares ranks among equals, unlike the reference', () => {
    assert.deepEqual([...ranksOf(series(3, 1, 3, 2), 'default')], [2.5, 0, 2.5, 1]);
    assert.deepEqual([...ranksOf(series(3, 1, 3, 2), 'legacy')], [2, 0, 3, 1]);
  });

  it('is unavailable for a constant series, unlike the reference', () => {
    assert.equal(spearman(series(1, 1, 1), series(1, 2, 3), 'default'), 0);
    assert.ok(Math.abs(spearman(series(1, 1, 1), series(1, 2, 3), 'legacy') - 1) < 1e-12);
  });

  it('is symmetric, within its range, and 1 with itself', () => {
    const pairs = fc.array(
      fc.tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -3, max: 3 })),
      { minLength: 2 },
    );
    fc.assert(
      fc.property(pairs, (given) => {
        const [x, y] = [series(...given.map(([a]) => a)), series(...given.map(([, b]) => b))];
        const r = spearman(x, y, 'default');
        assert.ok(r >= -1 && r <= 1);
        assert.equal(r, spearman(y, x, 'default'));
        if (new Set(x).size > 1) assert.ok(Math.abs(spearman(x, x, 'default') - 1) < 1e-12);
      }),
    );
  });
});

describe('metrics', () => {
  it('leave out pairs with one half missing', () => {
    const given = { predictions: [1, missing, -1, 1], actuals: [1, 1, missing, -1] };
    assert.equal(compute('hit_rate', given), 0.5);
    assert.equal(compute('mean_return', given), 0);
    assert.equal(compute('turnover', { predictions: [1, missing, 3] }), 2);
  });

  it('are unavailable with a reason rather than 0', () => {
    for (const [name, metric] of builtInMetrics) {
      const value = metric(input({}));
      assert.ok(typeof value === 'object' && value.unavailable.length > 0, name);
    }
  });

  it('are unavailable where they are 0 / 0, unless 0 is configured', () => {
    const flat = { predictions: [1, 1, 1, 1, 1, 1], actuals: [1, -2, 3, -4, 5, -6], values: [0, 0, 0, 0, 0, 0] };
    const idle = { ...flat, predictions: [1, 2, 3, 4, 5, 6], actuals: [0, 0, 0, 0, 0, 0] };
    const peers = () => [
      { name: 'a', predictions: flat.predictions },
      { name: 'b', predictions: [3, 1, 2, 5, 4, 6] },
    ];
    const ensembles = () => [{ name: 'e', predictions: [2, 1, 3, 4, 6, 5] }];
    const reason = (name: string, given: Partial<MetricInput>): string => {
      const found = compute(name, { ...given, peers, ensembles });
      return typeof found === 'number' ? String(found) : found.unavailable;
    };
    for (const name of ['ic', 'model_correlation', 'ensemble_correlation'])
      assert.match(reason(name, flat), /not vary/);
    for (const name of ['ic', 'ic_sharpe', 'fnc', 'contribution']) assert.match(reason(name, idle), /not vary/);
    assert.match(reason('sortino_ratio', idle), /no return differs from 0/);
    assert.match(reason('sortino_ratio', { ...idle, actuals: idle.actuals.map(() => -1e-200) }), /too small to divide/);
    const zero = { ...idle, peers, ensembles, constant_series: 'zero' as const };
    for (const name of ['ic', 'ic_sharpe', 'sortino_ratio']) assert.equal(compute(name, zero), 0, name);
    assert.equal(compute('ic', { ...flat, constant_series: 'zero' }), 0);
  });

  it('compare with varying models only, so that a constant one makes no other look different', () => {
    const [own, flat] = [Float64Array.of(1, 2, 3, 4), Float64Array.of(5, 5, 5, 5)];
    const peers = [
      { name: 'a', predictions: own },
      { name: 'b', predictions: own },
      { name: 'c', predictions: flat },
    ];
    const shared = sharedWork(peers, 4, () => undefined);
    for (const work of [{}, { shared }]) {
      const given = { predictions: own, peers: () => peers, ...work };
      assert.equal(compute('model_correlation', given), 1);
      assert.equal(compute('model_correlation', { ...given, constant_series: 'zero' }), 0.5);
    }
  });

  it('keep the sign of a perfectly steady information coefficient', () => {
    const rising = Array.from({ length: 30 }, (_, i) => i);
    const falling = rising.map((value) => -value);
    assert.equal(compute('ic_sharpe', { predictions: rising, actuals: falling }), -10);
    assert.equal(compute('ic_sharpe', { predictions: rising, actuals: falling, profile: 'legacy' }), 10);
  });

  it('compare models at the same moments', () => {
    const peers = () => [
      { name: 'a', predictions: [1, 2, 3, missing] },
      { name: 'b', predictions: [missing, 3, 2, 9] },
      { name: 'c', predictions: [missing, missing, 1, 1] },
    ];
    assert.equal(compute('model_correlation', { predictions: [1, 2, 3, missing], peers }), -1);
  });

  it('stay finite and within their ranges', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const maybe = fc.oneof(number, fc.constant(missing), fc.constant(0));
    const rounds = fc.array(fc.tuple(maybe, maybe, maybe, maybe, maybe), { maxLength: 60 });
    fc.assert(
      fc.property(rounds, (given) => {
        const column = (i: 0 | 1 | 2 | 3 | 4): number[] => given.map((round) => round[i]);
        const predictions = column(0);
        const peers = () => [
          { name: 'a', predictions },
          { name: 'b', predictions: column(3) },
        ];
        const ensembles = () => [{ name: 'e', predictions: column(4) }];
        const all = input({ predictions, actuals: column(1), values: column(2), peers, ensembles });
        const { metrics, unavailable } = computeMetrics(builtInMetrics, [...builtInMetrics.keys()], [all]);
        assert.equal(Object.keys(metrics).length + Object.keys(unavailable).length, builtInMetrics.size);
        for (const [name, value] of Object.entries(metrics)) assertInRange(name, value);
      }),
    );
  });

  it('are averaged over the scopes that have them', () => {
    const scopes = [input({ predictions: [1], actuals: [1] }), input({ predictions: [1], actuals: [-1] }), input({})];
    assert.deepEqual(computeMetrics(builtInMetrics, ['hit_rate', 'nope', 'hit_rate'], scopes), {
      metrics: { hit_rate: 0.5 },
      unavailable: { nope: 'there is no metric named nope' },
    });
  });

  it('are unavailable when they throw or give no number, and affect no other', () => {
    const registry = new Map([
      ['throws', () => assert.fail('no mood')],
      ['nan', () => Number.NaN],
      ['nothing', () => undefined as never],
      ['text', () => '1' as never],
      ['other', () => ({ reason: 'no mood' }) as never],
      ['fine', () => 1],
    ]);
    assert.deepEqual(computeMetrics(registry, [...registry.keys()], [input({})]), {
      metrics: { fine: 1 },
      unavailable: {
        throws: 'no mood',
        nan: 'the result is NaN',
        nothing: 'expected a number or a reason, received undefined',
        text: 'expected a number or a reason, received string',
        other: 'expected a number or a reason, received object',
      },
    });
  });
});
