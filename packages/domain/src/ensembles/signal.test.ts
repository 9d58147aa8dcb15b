import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RoundPredicted } from '@crunch-node/streams';
import fc from 'fast-check';
import { pendingRoundOf } from '../scoring/pending-round.ts';
import { minute, predicted } from '../testing/given-events.ts';
import { answerOf } from './combine.ts';
import type { GatheredRound } from './gathering.ts';
import { signalId, signalOf } from './signal.ts';

const main = { name: 'main', output_field: 'value' };
const round = (...predictions: readonly [RoundPredicted, ...RoundPredicted[]]): GatheredRound => ({
  scope_key: predictions[0].data.scope_key,
  performed_at: predictions[0].data.performed_at,
  predictions,
  weights_by: null,
  cycle_start: null,
  before: null,
  closed: null,
});
const weighted = (weights: Record<string, number>) => ({ name: 'main', cycle_end: minute(1), weights });

describe('the signal of an ensemble', () => {
  it('is the weighted mean of the members with a prediction, with their weights scaled to 1', () => {
    const predictions = round(
      predicted({ at: 3, answers: { b: 4, absent: null, text: 'no number' } }),
      predicted({ at: 3, partition: 1, answers: { a: '2', unweighted: 100 } }),
    );
    const { id, at, data } = signalOf(main, predictions, weighted({ a: 0.3, b: 0.1, absent: 0.5, text: 0.1 }));
    assert.deepEqual([id, at, data.weights_cycle_end], [signalId('main', predictions), minute(3), minute(1)]);
    assert.deepEqual(
      [data.model_id, data.prediction_id],
      ['__ensemble_main__', 'PRE___ensemble_main___BTC_20260101_000300.000'],
    );
    assert.deepEqual(
      data.members.map(({ model_id }) => model_id),
      ['a', 'b'],
    );
    assert.ok(Math.abs(data.members[0]!.weight - 0.75) < 1e-12);
    assert.ok(Math.abs(data.value! - 2.5) < 1e-12);
    assert.deepEqual([data.performed_at, data.resolvable_at, data.input_id], [minute(3), minute(5), 'INP_3']);
  });

  it('has equal weights for all models before any are decided, and never includes an ensemble', () => {
    const predictions = round(predicted({ at: 3, answers: { a: 1, b: 2, __ensemble_other__: 9 } }));
    const { data } = signalOf(main, predictions, null);
    assert.deepEqual([data.value, data.weights_cycle_end], [1.5, null]);
  });

  it('has no value when no member is usable, and then nothing to score', () => {
    for (const [answers, weights] of [
      [{}, null],
      [{ a: 1 }, {}],
      [{ a: null }, { a: 1 }],
      [
        { a: 1e308, b: 1e308 },
        { a: 1e308, b: 1e308 },
      ],
    ] as const) {
      const signal = signalOf(main, round(predicted({ at: 3, answers })), weights && weighted(weights));
      assert.deepEqual([signal.data.value, signal.data.members], [null, []]);
      assert.deepEqual(pendingRoundOf(signal)?.predictions, []);
    }
  });

  it('is scored by the rules of its members: the same field, the same input when that is all there is', () => {
    const answered = predicted({ at: 3, horizon: 0, input: { close: 1 }, answers: { a: 1 } });
    const price = structuredClone(answered);
    price.data.predictions[0]!.inference_output = { price: 7 };
    const pending = pendingRoundOf(signalOf({ name: 'p', output_field: 'price' }, round(price), null));
    assert.deepEqual(pending?.predictions[0]?.inference_output, { price: 7 });
    assert.deepEqual(pending?.input, { close: 1 });
    const later = predicted({ at: 3, input: { close: 1 }, answers: { a: 1 } });
    assert.equal(signalOf(main, round(later), null).data.input, undefined);
  });

  it('combines several fields with the same weights, and leaves out members that lack one', () => {
    const predictions = predicted({ at: 3, answers: { a: 0, b: 0, c: 0 } });
    const outputs = [{ q10: 1, q90: 3, why: 'x' }, { q10: 3, q90: '7' }, { q10: 100 }];
    predictions.data.predictions.forEach((prediction, i) => {
      prediction.inference_output = outputs[i]!;
    });
    const quantiles = { name: 'q', output_field: 'value', output_fields: ['q10', 'q90'] };
    const signal = signalOf(quantiles, round(predictions), weighted({ a: 0.75, b: 0.25, c: 1 }));
    assert.deepEqual([signal.data.output_field, signal.data.value], ['q10', 1.5]);
    assert.deepEqual(signal.data.values, { q10: 1.5, q90: 4 });
    assert.deepEqual(signal.data.members, [
      { model_id: 'a', value: 1, values: { q10: 1, q90: 3 }, weight: 0.75 },
      { model_id: 'b', value: 3, values: { q10: 3, q90: 7 }, weight: 0.25 },
    ]);
    assert.deepEqual(pendingRoundOf(signal)?.predictions[0]?.inference_output, { q10: 1.5, q90: 4 });
    assert.deepEqual(answerOf({ output_field: 'q10', ...signal.data }), { q10: 1.5, q90: 4 });
    const none = signalOf(quantiles, round(predicted({ at: 3, answers: { a: 1 } })), null).data;
    assert.deepEqual([none.value, none.values, none.members], [null, undefined, []]);
    assert.deepEqual(answerOf({ output_field: 'q10', ...none }), { q10: null });
  });

  it('stays between its members, with weights that sum to 1', () => {
    const members = fc.dictionary(
      fc.string({ minLength: 1, maxLength: 4 }).filter((id) => id !== '__proto__'),
      fc.record({
        value: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        weight: fc.double({ min: 1e-6, max: 1, noNaN: true }),
      }),
      { minKeys: 1, maxKeys: 20 },
    );
    fc.assert(
      fc.property(members, (given) => {
        const answers = Object.fromEntries(Object.entries(given).map(([id, { value }]) => [id, value]));
        const weights = Object.fromEntries(Object.entries(given).map(([id, { weight }]) => [id, weight]));
        const { data } = signalOf(main, round(predicted({ at: 3, answers })), weighted(weights));
        assert.ok(Math.abs(data.members.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-9);
        const values = Object.values(answers);
        const slack = 1e-9 * (1 + Math.max(...values.map(Math.abs)));
        assert.ok(data.value! >= Math.min(...values) - slack && data.value! <= Math.max(...values) + slack);
      }),
    );
  });
});
