import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { finite } from './pairs.ts';

/** Deepest fall of the running sum of score values below its peak, 0 or less. Both start at 0. */
export function maxDrawdown({ values }: MetricInput): MetricValue {
  const usable = finite(values);
  if (usable.length < 2) return unavailable('fewer than 2 scores');
  let total = 0;
  let peak = 0;
  let deepest = 0;
  for (const value of usable) {
    total += value;
    if (total > peak) peak = total;
    if (total - peak < deepest) deepest = total - peak;
  }
  return deepest;
}
