import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { finite } from './pairs.ts';
import { mean } from './returns.ts';

/** How much a prediction differs from the one before, on average. */
export function turnover({ predictions }: MetricInput): MetricValue {
  const usable = finite(predictions);
  if (usable.length < 2) return unavailable('fewer than 2 predictions');
  return mean(usable.slice(1).map((value, i) => Math.abs(value - usable[i]!)));
}
