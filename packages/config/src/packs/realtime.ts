import type { ScoringFunction } from '@crunch-node/domain';
import { Type } from '@sinclair/typebox';
import type { CrunchDefinition } from '../definition.ts';
import { bounded } from './bounded.ts';
import { usualWindows } from './windows.ts';

/** A return, or a signal in proportion to one. */
const LARGEST_RETURN = 1e9;

export const realtimeOutputType = Type.Object({ value: bounded(LARGEST_RETURN) });

/** Extra keys are kept. */
export const realtimeGroundTruthType = Type.Object({
  profit: Type.Number({ default: 0 }),
  entry_price: Type.Number({ default: 0 }),
  resolved_price: Type.Number({ default: 0 }),
});

/** Extra keys are kept. */
export const realtimeScoreType = Type.Object({
  value: Type.Number({ default: 0 }),
  prediction: Type.Number({ default: 0 }),
  actual_return: Type.Number({ default: 0 }),
  success: Type.Boolean({ default: true }),
  failed_reason: Type.Union([Type.String(), Type.Null()], { default: null }),
});

/** Ten thousandths of a return, so that scores of minutes are readable numbers. */
const BASIS_POINTS = 10_000;

/**
 * Scores a prediction in proportion to the asset's return: `prediction.value * profit` in basis points. Without an
 * entry price there is no return, and the score fails.
 */
export const realtimeScore: ScoringFunction = (prediction, groundTruth) => {
  if (Number(groundTruth.entry_price ?? 0) === 0) {
    return { value: 0, prediction: 0, actual_return: 0, success: false, failed_reason: 'entry price is 0' };
  }
  const value = Number(prediction.value ?? 0);
  const profit = Number(groundTruth.profit ?? 0);
  return {
    value: value * profit * BASIS_POINTS,
    prediction: value,
    actual_return: profit,
    success: true,
    failed_reason: null,
  };
};

/** Predict an asset's return over the next two minutes. */
export const realtimePack = {
  feed: { provider: 'binance', subjects: ['BTCUSDT'], kind: 'candle', granularity: '1m' },
  scope: { subject: 'BTCUSDT', step_seconds: 15 },
  scheduled_predictions: [
    {
      scope_key: 'prediction-btcusdt-120s',
      scope: { subject: 'BTCUSDT' },
      prediction_interval_seconds: 60,
      resolve_horizon_seconds: 120,
    },
  ],
  output_type: realtimeOutputType,
  ground_truth_type: realtimeGroundTruthType,
  score_type: realtimeScoreType,
  scoring_function: realtimeScore,
  metrics: [],
  aggregation: {
    windows: usualWindows,
    value_field: 'value',
    ranking_key: 'score_recent',
    ranking_direction: 'desc',
  },
} satisfies CrunchDefinition;
