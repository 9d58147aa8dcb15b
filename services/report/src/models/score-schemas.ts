import { type Static, Type } from '@sinclair/typebox';
import { Count, NullableNumber, NullableText, OpenObject, TsNaive } from '../values/schemas.ts';

const score = {
  model_id: Type.String(),
  score_metrics: OpenObject,
  score_ranking: Type.Object({ key: Type.String(), value: NullableNumber, direction: Type.String() }),
  /** newest prediction that counts */
  performed_at: TsNaive,
};
/** Metrics are repeated at the top, where charts look for them. */
const withMetrics = { additionalProperties: true };

export const ModelScore = Type.Object(score, { title: 'ModelScore', ...withMetrics });
export type ModelScore = Static<typeof ModelScore>;

export const ScopeScore = Type.Object(
  {
    ...score,
    scope_key: Type.String(),
    scope: OpenObject,
    subject: NullableText,
    asset: NullableText,
    horizon: NullableNumber,
    step: NullableNumber,
    param: Type.String(),
  },
  { title: 'ScopeScore', ...withMetrics },
);
export type ScopeScore = Static<typeof ScopeScore>;

export const ModelMetrics = Type.Object(
  { model_id: Type.String(), performed_at: TsNaive, prediction_count: Count },
  { title: 'ModelMetrics', ...withMetrics },
);
export type ModelMetrics = Static<typeof ModelMetrics>;

export const ModelSummary = Type.Object({ model_id: Type.String() }, { title: 'ModelSummary', ...withMetrics });
export type ModelSummary = Static<typeof ModelSummary>;
