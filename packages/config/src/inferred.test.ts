import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Type } from '@sinclair/typebox';
import { defineCrunch, realtimePack } from './index.ts';

// What counts here is that it compiles: without the types `*` and `.q50` would be faults.
it('infers the parameter types of a scoring function', () => {
  const byDefault = defineCrunch({
    scoring_function: (prediction, truth) => ({ value: prediction.value * truth.profit, success: true }),
  });
  const byPack = defineCrunch({
    ...realtimePack,
    scoring_function: (prediction, truth) => ({ value: prediction.value * truth.resolved_price, success: true }),
  });
  const own = defineCrunch({
    output_type: Type.Object({ q50: Type.Number(), note: Type.Optional(Type.String()) }),
    resolve_ground_truth: ({ records }) => {
      const last = records.at(-1);
      return last === undefined ? null : { price: Number(last.values.close) };
    },
    scoring_function: (prediction, truth) => {
      // @ts-expect-error the prediction has no such field
      const absent: unknown = prediction.q90;
      return { value: Math.abs(prediction.q50 - truth.price), success: absent === undefined };
    },
  });
  const declared = defineCrunch({
    ground_truth_type: Type.Object({ price: Type.Number() }),
    scoring_function: (prediction, truth) => ({ value: prediction.value - truth.price, success: true }),
  });
  const scored = [
    byDefault.scoring_function({ value: 2 }, { profit: 3 }),
    byPack.scoring_function({ value: 2 }, { resolved_price: 3 }),
    own.scoring_function({ q50: 2 }, { price: 8 }),
    declared.scoring_function({ value: 7 }, { price: 1 }),
  ];
  assert.deepEqual(
    scored.map(({ value }) => value),
    [6, 6, 6, 6],
  );
});
