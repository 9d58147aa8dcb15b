import { type TObject, Type } from '@sinclair/typebox';

const closed = { additionalProperties: false };
const direction = Type.String();
const zero = { default: 0 };

/** The output types the vectors name. */
export const outputTypes: Readonly<Record<string, TObject>> = {
  default: Type.Object({ value: Type.Number(zero) }, closed),
  order: Type.Object(
    {
      action: Type.Union([Type.Literal('buy'), Type.Literal('sell')], { default: 'buy' }),
      amount: Type.Number({ minimum: 0, ...zero }),
    },
    closed,
  ),
  strict: Type.Object({ direction, confidence: Type.Number() }, closed),
  bounded: Type.Object({ value: Type.Number({ minimum: 0, maximum: 1, default: 0.5 }) }, closed),
  mixed: Type.Object(
    {
      direction: Type.String({ default: 'hold' }),
      confidence: Type.Number(zero),
      size: Type.Integer(zero),
      flag: Type.Boolean({ default: false }),
    },
    closed,
  ),
  tournament: Type.Object({ prediction: Type.Number(zero) }),
};

const outcome = {
  success: Type.Boolean({ default: true }),
  failed_reason: Type.Union([Type.String(), Type.Null()], { default: null }),
};
export const defaultScoreType = Type.Object({ value: Type.Number(zero), ...outcome });
export const tournamentScoreType = Type.Object({
  value: Type.Number(zero),
  prediction: Type.Number(zero),
  actual_price: Type.Number(zero),
  pct_error: Type.Number(zero),
  ...outcome,
});
export const tournamentTruthType = Type.Object({ price: Type.Number(zero) });
