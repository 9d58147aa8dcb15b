import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { predictionsAndActuals } from './pairs.ts';

/** Share of predictions on the right side of zero. Zero counts as up on both sides. */
export function hitRate(input: MetricInput): MetricValue {
  const { x, y } = predictionsAndActuals(input);
  if (x.length === 0) return unavailable('no prediction with an outcome');
  let hits = 0;
  for (let i = 0; i < x.length; i++) if (x[i]! >= 0 === y[i]! >= 0) hits += 1;
  return hits / x.length;
}
