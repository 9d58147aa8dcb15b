import { Type } from '@sinclair/typebox';
import { Count, OpenObject } from '../values/schemas.ts';

export const InferenceBody = Type.Object({ features: Type.Array(OpenObject) }, { title: 'InferenceBody' });
export const ScoreBody = Type.Object(
  { ground_truth: Type.Union([OpenObject, Type.Array(OpenObject)]) },
  { title: 'ScoreBody' },
);

export const Inference = Type.Object(
  {
    round_id: Type.String(),
    model_count: Count,
    prediction_count: Count,
    /** `inference_pending`: requested, but not all models have answered yet */
    status: Type.String(),
  },
  { title: 'Inference' },
);

export const Scored = Type.Object(
  {
    round_id: Type.String(),
    scores_count: Count,
    results: Type.Array(
      Type.Object({
        prediction_id: Type.String(),
        model_id: Type.String(),
        feature_index: Count,
        score: Type.Number(),
        success: Type.Boolean(),
        result: OpenObject,
      }),
    ),
    /** `score_pending`: the ground truth is there, but not all scores are yet */
    status: Type.String(),
  },
  { title: 'Scored' },
);

export const RoundStatus = Type.Object(
  {
    round_id: Type.String(),
    status: Type.String(),
    total: Count,
    by_status: Type.Record(Type.String(), Count),
  },
  { title: 'Standing' },
);
