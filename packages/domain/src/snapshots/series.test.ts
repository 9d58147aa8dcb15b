import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { scored } from '../testing/given-events.ts';
import { addSamples } from './samples.ts';
import { seriesByModel } from './series.ts';

const MODELS = ['a', 'b', 'c'];

/** Of each round which models have a result: the value is the round's number and the model's. */
const present = fc.array(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 40 });

const roundOf = (answered: readonly boolean[], at: number) => {
  const own = MODELS.map((id, i) => [id, at + i / 10] as const).filter((_, i) => answered[i]);
  return scored({
    at,
    results: Object.fromEntries(own.map(([id, value]) => [id, { value, actual_return: -value, success: true }])),
    outputs: Object.fromEntries(own.map(([id, value]) => [id, 2 * value])),
  });
};

describe('series of models', () => {
  it('have the numbers of each at its moments and nothing elsewhere, whatever sets of models alternate', () => {
    fc.assert(
      fc.property(present, (rounds) => {
        const [samples] = addSamples([], rounds.map(roundOf));
        const columns = samples?.columns ?? [];
        const moments = rounds.flatMap((answered, at) => (answered.includes(true) ? [{ answered, at }] : []));
        assert.equal(columns.length, moments.length);
        const series = seriesByModel(columns);
        for (const [i, id] of MODELS.entries()) {
          const own = moments.map(({ answered, at }) => (answered[i] ? at + i / 10 : Number.NaN));
          if (own.every(Number.isNaN)) assert.equal(series.has(id), false);
          else assert.deepEqual([...(series.get(id)?.values ?? [])], own);
        }
      }),
    );
  });

  it('have one list of models for all nearby columns with the same ones', () => {
    const [both, one] = [
      [true, true, false],
      [true, false, false],
    ];
    const [samples] = addSamples(
      [],
      [both, one, both, one, one, both].map((set, at) => roundOf(set!, at)),
    );
    assert.equal(new Set(samples!.columns.map(({ model_ids }) => model_ids)).size, 2);
  });
});
