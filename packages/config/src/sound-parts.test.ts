import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineCrunch } from './define-crunch.ts';
import { faultsOf } from './testing/faults-of.ts';

describe('faults of parts and between parts', () => {
  it('hides no fault of an expression, a name or a column behind one of a type', () => {
    const text = faultsOf({
      feed: { window: 0, colour: 'red' },
      trading: null,
      partitions: 'many',
      custom_metrics: { mine: 'mean(scoress)', broken: 5, ic: 'mean(scores)' },
      metrics: ['ic', 7, 'hit_rat'],
      score_type: 'number',
      aggregation: {
        ranking_direction: 'up',
        windows: [
          { name: 'day', hours: 'x' },
          { name: 'é'.repeat(200), hours: 2 },
        ],
      },
      call_method: { args: [{ name: 'subjct', type: 'STRING' }] },
      scheduled_predictions: [
        { scope_key: 'a', order: 'first' },
        { scope_key: 'b', resolve_horizon_seconds: 1 },
      ],
      ensembles: [{ name: 'x y' }, { name: 'ok', output_field: 'valeu' }],
    }).join('\n');
    for (const fault of [
      /^feed\.window: expected a whole number/m,
      /^custom_metrics\.mine, line 1, column \d+: .*scoress/m,
      /^custom_metrics\.broken: expected/m,
      /^custom_metrics\.ic: expected a name that is not also that of a built-in metric/m,
      /^score_type: expected a TypeBox object schema/m,
      /^metrics\[1\]: expected/m,
      /^metrics\[2\]: expected one of .*, received "hit_rat"; did you mean "hit_rate"\?/m,
      /^aggregation\.windows\[0\]\.hours: expected/m,
      /^aggregation\.windows\[1\]\.name: expected a name of at most 256 bytes/m,
      /^call_method\.args\[0\]: expected a name in the scope of "a" .*; did you mean "subject"\?/m,
      /^scheduled_predictions\[1\]\.resolve_horizon_seconds: expected 0/m,
      /^ensembles\[1\]\.output_field: expected a field of output_type \(value\), received "valeu"; did you mean "value"\?/m,
    ]) {
      assert.match(text, fault);
    }
    // The ranking depends on what is wrong: whether it is right is not known yet.
    assert.doesNotMatch(text, /ranking_key|value_field/);
  });

  it('names the key that an unknown one was probably meant to be', () =>
    assert.deepEqual(faultsOf({ crunch_di: 'mine', feed: { granularty: '1m' } }), [
      'crunch_di: unknown key, received "mine"; did you mean "crunch_id"?',
      'feed.granularty: unknown key, received "1m"; did you mean "granularity"?',
    ]));

  it('refuses whatever is put in place of a part, never with an error other than its faults', () => {
    const odd = [null, 7, 'x', [], {}, [null], [7], { x: null }, [{ name: 3 }], () => 1, Number.NaN, true];
    const keys = Object.keys(defineCrunch()).filter((key) => !key.endsWith('_hook'));
    for (const key of keys) for (const value of odd) faultsOf({ custom_metrics: { a: 'mean(scores)' }, [key]: value });
  });

  it('reports faults of parts and faults between parts together', () => {
    const schedule = { scope_key: 'twice', prediction_interval_seconds: 60, resolve_horizon_seconds: 120 };
    assert.throws(
      () =>
        defineCrunch({
          cycle_seconds: -1,
          partitions: 0.5,
          nonsense: true,
          scheduled_predictions: [schedule, schedule],
        } as never),
      (error: unknown) => {
        const text = (error as Error).message;
        for (const part of ['cycle_seconds', 'partitions', 'nonsense', 'scheduled_predictions[1].scope_key']) {
          assert.ok(text.includes(part), `${part} in ${text}`);
        }
        return true;
      },
    );
  });
});
