import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { predictionsAndActuals } from './pairs.ts';
import { compensatedSum, mean, signedReturns } from './returns.ts';

/** What a series without a loss is worth at most. */
const LIMIT = 10;

/** Mean return of following the signs, divided by the root mean square of its losses (over the losses alone). */
export function sortinoRatio(input: MetricInput): MetricValue {
  const returns = signedReturns(predictionsAndActuals(input));
  if (returns.length < 2) return unavailable('fewer than 2 predictions with an outcome');
  const average = mean(returns);
  const losses = returns.filter((value) => value < 0);
  if (losses.length === 0) return Math.min(LIMIT, Math.max(-LIMIT, average * 1e6));
  const downside = Math.sqrt(compensatedSum(losses.map((loss) => loss * loss)) / losses.length);
  return downside < 1e-12 ? 0 : average / downside;
}
