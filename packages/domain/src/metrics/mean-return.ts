import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { predictionsAndActuals } from './pairs.ts';
import { mean, signedReturns } from './returns.ts';

/** Mean return of following the sign of each prediction. */
export function meanReturn(input: MetricInput): MetricValue {
  const pairs = predictionsAndActuals(input);
  return pairs.x.length === 0 ? unavailable('no prediction with an outcome') : mean(signedReturns(pairs));
}
