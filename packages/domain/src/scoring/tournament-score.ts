import type { ScoringFunction } from '../crunch-config.ts';

/** 1 for the right price, less by the relative error, never below 0. A price of 0 or less is a failure. */
export const tournamentScore: ScoringFunction = (prediction, groundTruth) => {
  const price = Number(groundTruth.price ?? 0);
  if (!(price > 0)) {
    return {
      value: 0,
      prediction: 0,
      actual_price: 0,
      pct_error: 0,
      success: false,
      failed_reason: `expected a price above 0, received ${price}`,
    };
  }
  const predicted = Number(prediction.prediction ?? 0);
  const pct_error = Math.abs(predicted - price) / price;
  return {
    value: Math.max(0, 1 - pct_error),
    prediction: predicted,
    actual_price: price,
    pct_error,
    success: true,
    failed_reason: null,
  };
};
