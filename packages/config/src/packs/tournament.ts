import { tournamentScore } from '@crunch-node/domain';
import { Type } from '@sinclair/typebox';
import type { CrunchDefinition } from '../definition.ts';
import { bounded, LARGEST_ANSWER } from './bounded.ts';
import { usualWindows } from './windows.ts';

/** Extra keys are kept: the features of a house come as they are. */
export const tournamentInputType = Type.Object({
  features: Type.Record(Type.String(), Type.Number(), { default: {} }),
});

export const tournamentOutputType = Type.Object({ prediction: bounded(LARGEST_ANSWER) });

/** Extra keys are kept. */
export const tournamentGroundTruthType = Type.Object({ price: Type.Number({ default: 0 }) });

/** Extra keys are kept. */
export const tournamentScoreType = Type.Object({
  value: Type.Number({ default: 0 }),
  prediction: Type.Number({ default: 0 }),
  actual_price: Type.Number({ default: 0 }),
  pct_error: Type.Number({ default: 0 }),
  success: Type.Boolean({ default: true }),
  failed_reason: Type.Union([Type.String(), Type.Null()], { default: null }),
});

/** Predict the price of houses from their features, round by round, on demand. */
export const tournamentPack = {
  tournament: {},
  input_type: tournamentInputType,
  output_type: tournamentOutputType,
  ground_truth_type: tournamentGroundTruthType,
  score_type: tournamentScoreType,
  scoring_function: tournamentScore,
  aggregation: {
    windows: usualWindows,
    value_field: 'value',
    ranking_key: 'score_recent',
    ranking_direction: 'desc',
  },
  model_timeout_seconds: 120,
} satisfies CrunchDefinition;
