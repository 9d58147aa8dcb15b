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

// Again it is the compiler that checks: TypeScript gives each branch the fields of the others, as undefined.
it('accepts a scoring function whose branches return different fields', () => {
  const { scoring_function: score } = defineCrunch({
    output_type: Type.Object({ q10: Type.Number(), q90: Type.Number() }),
    ground_truth_type: Type.Object({ price: Type.Number() }),
    scoring_function: ({ q10, q90 }, { price }) => {
      if (q10 > q90) return { value: null, success: false, failed_reason: 'crossed quantiles' };
      if (price < 0) return { value: 0, success: true, note: 'below zero', details: { q10 } };
      return { value: q90 - q10, success: true, covered: price >= q10 && price <= q90 };
    },
  });
  assert.deepEqual(
    [
      [2, 1, 0],
      [1, 2, -1],
      [1, 3, 2],
    ].map(([q10 = 0, q90 = 0, price = 0]) => score({ q10, q90 }, { price })),
    [
      { value: null, success: false, failed_reason: 'crossed quantiles' },
      { value: 0, success: true, note: 'below zero', details: { q10: 1 } },
      { value: 2, success: true, covered: true },
    ],
  );
  // A named one, of a union and with an optional field.
  const named = ({
    q10,
  }: {
    readonly q10: number;
  }): { value: number; success: true; note?: string } | { success: false; failed_reason: string } =>
    q10 > 0 ? { value: q10, success: true } : { success: false, failed_reason: 'none' };
  defineCrunch({ output_type: Type.Object({ q10: Type.Number() }), scoring_function: named });
  // @ts-expect-error a score has fields
  assert.throws(() => defineCrunch({ scoring_function: 'no function' }));
});
