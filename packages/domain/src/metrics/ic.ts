import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { predictionsAndActuals } from './pairs.ts';
import { spearman } from './spearman.ts';

/** Information coefficient: rank correlation of predictions and what really happened. */
export function ic(input: MetricInput): MetricValue {
  const { x, y } = predictionsAndActuals(input);
  return x.length < 2 ? unavailable('fewer than 2 predictions with an outcome') : spearman(x, y, input.profile);
}
