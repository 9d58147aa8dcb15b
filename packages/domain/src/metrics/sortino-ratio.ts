import { isZero, type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { predictionsAndActuals } from './pairs.ts';
import { compensatedSum, mean, signedReturns } from './returns.ts';

/** Largest value, for a series without a loss. */
const LIMIT = 10;

/** Mean return of following the signs, divided by the root mean square of its losses (over the losses alone). */
export function sortinoRatio(input: MetricInput): MetricValue {
  const returns = signedReturns(predictionsAndActuals(input));
  if (returns.length < 2) return unavailable('fewer than 2 predictions with an outcome');
  const average = mean(returns);
  const downside = downsideOf(returns);
  if (downside === null && average === 0 && !isZero(input)) return unavailable('no return differs from 0: 0 / 0');
  if (downside === null) return Math.min(LIMIT, Math.max(-LIMIT, average * 1e6));
  if (downside >= 1e-12) return average / downside;
  return isZero(input) ? 0 : unavailable(`its losses are too small to divide by: ${downside}`);
}

/** Null without a loss. */
function downsideOf(returns: Float64Array): number | null {
  const squares = new Float64Array(returns.length);
  let losses = 0;
  for (let i = 0; i < returns.length; i++) {
    const loss = Math.min(0, returns[i]!);
    squares[i] = loss * loss;
    losses += Number(returns[i]! < 0);
  }
  return losses === 0 ? null : Math.sqrt(compensatedSum(squares) / losses);
}
