import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json, JsonObject } from '@crunch-node/streams';
import { cdf, pdf, ppf } from '../densities/density.ts';
import { readDensity } from '../densities/read-density.ts';
import { near } from '../densities/testing/golden.ts';
import { combineAnswers, type WeightedAnswer } from './combine-answers.ts';

const rules = { max_components: 100, max_depth: 8, quantiles: true, digits: null };
const normal = (loc: number, scale: number): JsonObject => ({ type: 'builtin', name: 'norm', params: { loc, scale } });
const member = (model_id: string, weight: number, output: JsonObject): WeightedAnswer => ({ model_id, weight, output });
const ROOM = 1e6;
const densities = (...list: Json[]): JsonObject => ({ value: 0, densities: { 60: list } });

const pooled = (combined: JsonObject | null, i = 0) =>
  readDensity((combined as { densities: Record<string, Json[]> }).densities['60']![i], rules);

describe('an ensemble of densities', () => {
  const members = [
    member('a', 0.25, densities(normal(-2, 1), normal(0, 1))),
    member('b', 0.75, densities(normal(2, 0.5), normal(0, 1))),
  ];

  it('has as a linear pool the weighted density and distribution of its members', () => {
    const pool = pooled(combineAnswers('linear_pool', members, ROOM));
    const [a, b] = [readDensity(normal(-2, 1), rules), readDensity(normal(2, 0.5), rules)];
    for (const x of [-3, 0, 2.1]) {
      near(pdf(pool, x), 0.25 * pdf(a, x) + 0.75 * pdf(b, x), 1e-12, 'pdf');
      near(cdf(pool, x), 0.25 * cdf(a, x) + 0.75 * cdf(b, x), 1e-12, 'cdf');
    }
    assert.equal(pooled(combineAnswers('linear_pool', members, ROOM), 1).components.length, 1, 'equal ones are one');
  });

  it('has as an average the mean of their quantiles, so that normal distributions give a normal one', () => {
    const average = pooled(combineAnswers('quantile_average', members, ROOM));
    const expected = readDensity(normal(1, 0.625), rules);
    for (const level of [0.05, 0.25, 0.5, 0.9]) near(ppf(average, level), ppf(expected, level), 1e-9, String(level));
  });

  it('takes the steps all members have, the heaviest members first where room is short, and is absent without common steps', () => {
    const short = member('c', 0.1, densities(normal(0, 1)));
    assert.deepEqual(combineAnswers('linear_pool', [...members, short], ROOM), { densities: {} });
    const many = Array.from({ length: 40 }, (_, i) => member(`m${i}`, i + 1, densities(normal(i, 1))));
    const components = (room: number) => pooled(combineAnswers('linear_pool', many, room)).components;
    assert.equal(components(ROOM).length, 20);
    assert.deepEqual(
      components(400).map(({ location }) => location),
      [39, 38],
    );
    assert.equal(combineAnswers('linear_pool', many, 10), null);
    assert.equal(combineAnswers('linear_pool', [member('x', 1, { value: 3 })], ROOM), null);
  });
});

describe('an ensemble of quantiles', () => {
  const quantiles = (...values: number[]): JsonObject => ({
    quantiles: Object.fromEntries(values.map((value, i) => [[0.1, 0.5, 0.9][i], value])),
  });

  it('has the mean at each level, also for crossing quantiles', () =>
    assert.deepEqual(
      combineAnswers(
        'quantile_average',
        [member('a', 1, quantiles(0, 4, 8)), member('b', 3, quantiles(4, 0, 8))],
        ROOM,
      ),
      { quantiles: { '0.1': 3, '0.5': 1, '0.9': 8 } },
    ));

  it('has as a pool the quantiles of the mean distribution', () => {
    const members = [member('a', 0.5, quantiles(0, 1, 2)), member('b', 0.5, quantiles(10, 11, 12))];
    const combined = combineAnswers('linear_pool', members, ROOM)?.quantiles as Record<string, number>;
    near(combined['0.1']!, 0.25, 1e-9, '0.1: a fifth of the lower one');
    near(combined['0.9']!, 11.75, 1e-9, '0.9: four fifths of the upper one');
    assert.ok(combined['0.5']! > 2 && combined['0.5']! < 10, String(combined['0.5']));
  });
});
