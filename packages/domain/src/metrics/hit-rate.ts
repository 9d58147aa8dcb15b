import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { predictionsAndActuals } from './pairs.ts';

/** Share of predictions on the right side of zero. Zero counts as up on both sides. */
export function hitRate(input: MetricInput): MetricValue {
  const { x, y } = predictionsAndActuals(input);
  if (x.length === 0) return unavailable('no prediction with an outcome');
  // Counted without a branch, which signs make hard to predict.
  let misses = 0;
  for (let i = 0; i < x.length; i++) misses += Number(x[i]! >= 0) ^ Number(y[i]! >= 0);
  return (x.length - misses) / x.length;
}
