import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type CrunchConfig, crpsOnGrid, readDensity, validateOutput } from '@crunch-node/domain';
import type { Json, JsonObject, Prediction } from '@crunch-node/streams';
import { warningsOf } from '../cross-checks.ts';
import { defineCrunch } from '../define-crunch.ts';
import { probeConfig } from '../probe.ts';
import { birdPackFor } from './bird.ts';
import { birdDemoPackFor, densityDemoPackFor, intervalDemoPackFor, quantileDemoPackFor } from './demo.ts';
import { densityPack, densityPackFor, intervalPack, synthCompetition } from './density.ts';
import { quantilePack, quantilePackFor } from './quantile.ts';
import { birdInput, trackerInput } from './tracker-input.ts';

const subjects = ['BTCUSDT', 'ETHUSDT'];
const packs = {
  densityPack,
  intervalPack,
  quantilePack,
  density: densityDemoPackFor(subjects, '1m'),
  interval: intervalDemoPackFor(subjects, '1m'),
  bird: birdDemoPackFor(subjects, '1m'),
  quantile: quantileDemoPackFor(subjects, '1m'),
};
const one = densityPackFor(['BTCUSDT'], '1m', [{ name: '2m', horizon: 120, steps: [60, 120], interval: 60 }]);
const config = defineCrunch(one);
const normal = (loc: number, scale: number) => ({ type: 'builtin', name: 'norm', params: { loc, scale } });

interface VolatileRound {
  readonly asset: string;
  readonly steps: number[];
  readonly start: number;
  readonly entry: readonly [number, number];
  readonly prices: readonly (readonly [number, number])[];
  readonly answer: Readonly<Record<string, readonly unknown[]>>;
  readonly score: number;
  readonly volatility: number;
}
const golden = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/packs/golden.json', import.meta.url), 'utf8'),
) as { volatile_rounds: VolatileRound[]; bird: { ticks: [number, number][] } };

const about = {
  scope_key: 'btc-2m',
  scope: { subject: 'BTC', steps: [60, 120] },
  performed_at: '2024-01-01T00:00:00.000000Z',
  resolvable_at: '2024-01-01T00:02:00.000000Z',
};

/** A prediction as it is recorded: validated, then as the hook leaves it. */
function recorded(given: Json, { output_type, post_predict_hook, max_answer_size }: CrunchConfig = config) {
  const raw = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : { result: given };
  const checked = validateOutput(output_type, raw, { maxSize: max_answer_size });
  if (!checked.ok) return { status: 'FAILED', reason: checked.error, inference_output: {} };
  const prediction = {
    prediction_id: 'p',
    model_id: 'm',
    status: 'PENDING',
    runner_status: 'SUCCESS',
    reason: null,
    inference_output: checked.output,
  };
  const round = about as unknown as Parameters<NonNullable<typeof post_predict_hook>>[1];
  return post_predict_hook!([prediction as Prediction], round)[0]!;
}

const records = [60, 120].map((seconds, i) => ({
  at: `2024-01-01T00:0${seconds / 60}:00.000000Z`,
  ts_event: 0,
  source: 's',
  subject: 'BTCUSDT',
  kind: 'candle',
  granularity: '1m',
  values: { close: [110, 95][i]! },
}));
const entry = { ...records[0]!, at: about.performed_at, values: { close: 100 } };

describe('packs of forecasts', () => {
  for (const [name, pack] of Object.entries(packs)) {
    it(`${name} is complete, and loads without warnings`, () => {
      const complete = defineCrunch(pack);
      assert.deepEqual(probeConfig(complete), { faults: [], warnings: [] });
      assert.deepEqual(warningsOf(complete), []);
    });
  }

  it('adds the volatility term of crunch-synth to a prediction of an hour, and to no other', () => {
    for (const { asset, steps, start, entry: first, prices, answer, score, volatility } of golden.volatile_rounds) {
      const at = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, -1)}000Z`;
      const record = ([seconds, price]: readonly [number, number]) => ({
        ...records[0]!,
        at: at(seconds),
        values: { close: price },
      });
      const asked = { ...about, scope_key: 'a', scope: { subject: asset, steps }, performed_at: at(start) };
      const hour = { ...asked, resolvable_at: at(start + 3_600) };
      const truth = config.resolve_ground_truth(
        { entry: record(first), records: prices.map(record), subjects: {} },
        hour,
      )!;
      const prediction = { densities: answer as JsonObject, model_id: 'm', prediction_id: 'p' };
      const scored = config.scoring_function(prediction, truth);
      assert.ok(Math.abs(Number(scored.volatility) - volatility) < 1e-9 * volatility, asset);
      // The evaluator rounds parameters to six digits before, as an answer is when it is recorded.
      assert.ok(Math.abs(Number(scored.value) - (score + volatility)) < 1e-6 * score, asset);
      const condor = defineCrunch(intervalPack).resolve_ground_truth(
        { entry: record(first), records: [], subjects: {} },
        hour,
      );
      assert.ok(!('volatility' in (condor ?? {})));
    }
  });

  it('judges a density of a place as birdgame does: by the logarithm of the density where it was', () => {
    const bird = defineCrunch(birdPackFor('dove', '1m', 120));
    const asked = { ...about, scope: { subject: 'dove', steps: [120] } };
    const truth = bird.resolve_ground_truth({ entry, records, subjects: {} }, asked)!;
    assert.deepEqual([truth.moves, truth.centre], [{ '120': [95] }, 100]);
    for (const made of golden.bird.ticks.slice(0, 5)) {
      const places = { type: 'mixture', components: [{ density: normal(95 + made[1] / 100, 0.8), weight: 1 }] };
      const prediction = { densities: { '120': [places] }, value: 96, model_id: 'm', prediction_id: 'p' };
      const scored = bird.scoring_function(prediction, truth);
      const z = made[1] / 100 / 0.8;
      const expected = Math.log(1e-10 + Math.exp(-0.5 * z * z) / (0.8 * Math.sqrt(2 * Math.PI)));
      assert.ok(Math.abs(Number(scored.value) - expected) < 1e-12);
      assert.equal(scored.prediction, -4);
    }
  });

  it('score a density as crunch-synth does, in units of what is usual for the asset', () => {
    const answer = recorded({ '60': [normal(0, 10), normal(-5.0000001, 10)], '120': [normal(0, 14)] });
    assert.deepEqual(answer.inference_output, {
      value: 0,
      densities: { '60': [normal(0, 10), normal(-5, 10)], '120': [normal(0, 14)] },
    });
    const truth = config.resolve_ground_truth({ entry, records, subjects: {} }, about)!;
    assert.deepEqual(truth.moves, { '60': [10, -15], '120': [-5] });
    assert.deepEqual([truth.half_width, truth.actual_return], [1500, -5]);
    const score = config.scoring_function({ ...answer.inference_output, model_id: 'm', prediction_id: 'p' }, truth);
    const grid = { lower: -1500, upper: 1500, points: 1024, normalised: true };
    const crps = (loc: number, scale: number, x: number) =>
      crpsOnGrid(readDensity(normal(loc, scale), synthCompetition), x, grid);
    assert.ok(Math.abs(Number(score.crps) - (crps(0, 10, 10) + crps(-5, 10, -15) + crps(0, 14, -5)) / 1500) < 1e-15);
    assert.equal(score.value, score.crps);
  });

  it('resolve no round where there is no price', () =>
    assert.equal(config.resolve_ground_truth({ entry: null, records: [], subjects: {} }, about), null));

  it('fail a hostile prediction alone, with the place of its fault, and keep it when it is short', () => {
    const list = (density: Json): Json => ({ '60': [normal(0, 1), density], '120': [normal(0, 1)] });
    const cases: readonly (readonly [Json, RegExp])[] = [
      [null, /^60: expected a list of 2 densities, received/],
      [[], /^60: expected a list of 2 densities/],
      [{ forecast: 'up' }, /^expected at least one of 60, 120, value, densities, result, type, received forecast$/],
      [list(normal(0, -1)), /^60\[1\].params.scale: expected a number above 0, received -1$/],
      [list(normal(1e300, 1)), /^60\[1\].params.loc: expected a number from/],
      [
        list({ type: 'mixture', components: Array.from({ length: 4 }, () => ({ density: normal(0, 1), weight: 1 })) }),
        /^60\[1\].components: expected at most 3 components/,
      ],
      [
        list({
          type: 'mixture',
          components: Array.from({ length: 10_000 }, () => ({ density: normal(0, 1), weight: 1 })),
        }),
        /^expected a size of at most 262144, received more$/,
      ],
      [{ '60': [normal(0, 1)] }, /^60: expected 2 densities, received 1$/],
      [{ '60': 'x' }, /^60: expected a list of 2 densities, received "x"$/],
      [{ densities: { '60': [1, 2] } }, /^60\[0\]: expected a density, an object with a type, received 1$/],
      [{ value: 'up', '60': [] }, /^value: expected a number, received "up"$/],
    ];
    for (const [given, reason] of cases) {
      const { status, reason: own, inference_output } = recorded(given);
      assert.equal(status, 'FAILED', JSON.stringify(given).slice(0, 80));
      assert.match(own ?? '', reason);
      assert.ok(JSON.stringify(inference_output).length < 3_000);
    }
  });

  it('have room for the whole prediction of a day: 317 densities of three components', () => {
    const day = defineCrunch(densityPack);
    const three = {
      type: 'mixture',
      components: [1, 2, 3].map((weight) => ({ density: normal(0.123457, 0.00123457), weight })),
    };
    const steps = [300, 3_600, 21_600, 86_400];
    const answer = Object.fromEntries(steps.map((step) => [step, Array.from({ length: 86_400 / step }, () => three)]));
    const checked = validateOutput(day.output_type, answer, { maxSize: day.max_answer_size });
    assert.deepEqual([checked.ok, JSON.stringify(answer).length > 65_536], [true, true]);
    assert.equal(validateOutput(day.output_type, answer).ok, false);
  });

  it('take quantiles in every form, and report what is missing', () => {
    const quantiles = defineCrunch(
      quantilePackFor(['BTCUSDT'], '1m', {
        levels: [0.1, 0.5, 0.9],
        crossing: 'refused',
        missing: 'refused',
        largest: 1e6,
      }),
    );
    const rows = [0.5, 0.9, 0.1].map((quantile) => ({ quantile, value: 10 * quantile }));
    const expected = { value: 5, quantiles: { '0.1': 1, '0.5': 5, '0.9': 9 } };
    assert.deepEqual(recorded(rows, quantiles).inference_output, expected);
    assert.deepEqual(recorded(expected, quantiles).inference_output, expected);
    assert.match(
      recorded({ quantiles: { '0.1': 1, '0.5': 5 } }, quantiles).reason ?? '',
      /^quantiles.0.9: expected a value/,
    );
    const truth = quantiles.resolve_ground_truth({ entry, records, subjects: {} }, about)!;
    assert.ok(Math.abs(Number(truth.truth) + 500) < 1e-9);
    const score = quantiles.scoring_function({ ...expected, model_id: 'm', prediction_id: 'p' }, { truth: 10 });
    assert.ok(Math.abs(Number(score.wis) - (0.5 * 5 + 0.1 * (8 + 10 * 1)) / 1.5) < 1e-12, String(score.wis));
    assert.deepEqual([score.value, score.coverage], [score.wis, 0]);
  });

  it('send trackers of the packages the input of their tick', () => {
    const candles_1m = [
      { ts: 60, close: 5 },
      { ts: 120, close: 6 },
    ];
    const at = '2024-01-01T00:00:00.000000Z';
    assert.deepEqual(trackerInput(60)({ symbol: 'BTC', candles_1m } as unknown as JsonObject, at), {
      BTC: [
        [120, 5],
        [180, 6],
      ],
    });
    assert.deepEqual(birdInput({ symbol: 'dove', ticks: [{ ts: 3.5, price: 19.2 }] } as unknown as JsonObject, at), {
      time: 3.5,
      dove_location: 19.2,
    });
  });

  it('refuse a relative score of a missing number, or one that hides a number of the score', () => {
    const relative = { of: 'wis', name: 'value', better: 'asc', worst_percentile: 95 } as const;
    assert.throws(
      () => defineCrunch({ ...one, aggregation: { ...one.aggregation, relative } }),
      /aggregation.relative.of: expected a number in score_type \(value, crps.*\n.*aggregation.relative.name: expected a name that score_type does not have/s,
    );
  });
});
