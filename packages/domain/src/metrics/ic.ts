import { correlate, correlationMetric, ownActuals, ownPredictions } from './correlate.ts';
import type { MetricInput, MetricValue } from './metric.ts';

/** Information coefficient: rank correlation of predictions and actuals. */
export const ic = (input: MetricInput): MetricValue =>
  correlationMetric(correlate(input, ownPredictions(input), ownActuals(input)), 'predictions');
