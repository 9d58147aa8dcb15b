import { type Static, Type } from '@sinclair/typebox';
import { NullableNumber, NullableText, NullableTsNaive, OpenObject, TsNaive } from '../values/schemas.ts';

export const Prediction = Type.Object(
  {
    id: Type.String(),
    model_id: Type.String(),
    prediction_config_id: NullableText,
    scope_key: Type.String(),
    scope: OpenObject,
    status: Type.Unsafe<'PENDING' | 'SCORED' | 'FAILED' | 'ABSENT'>({
      type: 'string',
      enum: ['PENDING', 'SCORED', 'FAILED', 'ABSENT'],
    }),
    score_value: NullableNumber,
    score_failed: Type.Boolean(),
    score_failed_reason: NullableText,
    scored_at: NullableTsNaive,
    performed_at: TsNaive,
    resolvable_at: NullableTsNaive,
    exec_time_ms: NullableNumber,
    /** what charts filter and group by, taken from the scope */
    subject: NullableText,
    asset: NullableText,
    horizon: NullableNumber,
    step: NullableNumber,
    param: Type.String(),
  },
  { title: 'Prediction' },
);
export type Prediction = Static<typeof Prediction>;
