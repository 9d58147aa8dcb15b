import { Type } from '@sinclair/typebox';
import { NullableNumber, TsZ } from '../values/schemas.ts';

const metrics = {
  ic: NullableNumber,
  model_correlation: NullableNumber,
  ensemble_correlation: NullableNumber,
  contribution: NullableNumber,
  fnc: NullableNumber,
};

export const DiversityFeedback = Type.Object(
  {
    model_id: Type.String(),
    rank: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
    diversity_score: NullableNumber,
    metrics: Type.Object(metrics),
    guidance: Type.Array(Type.String()),
    /** one per text of `guidance`, for programs */
    guidance_codes: Type.Array(Type.String()),
    snapshot_period_end: TsZ,
  },
  { title: 'DiversityFeedback' },
);

export const DiversityRow = Type.Object(
  {
    model_id: Type.String(),
    period_end: TsZ,
    diversity_score: NullableNumber,
    ...metrics,
  },
  { title: 'DiversityRow' },
);
