import { correlate, ownActuals, ownPredictions } from './correlate.ts';
import { type MetricInput, type MetricValue, unavailable } from './metric.ts';

/** Information coefficient: rank correlation of predictions and what really happened. */
export const ic = (input: MetricInput): MetricValue =>
  correlate(input, ownPredictions(input), ownActuals(input)) ?? unavailable('fewer than 2 predictions with an outcome');
