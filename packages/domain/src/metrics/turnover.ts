import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { finite } from './pairs.ts';
import { mean } from './returns.ts';

/** How much a prediction differs from the one before, on average. */
export function turnover({ predictions }: MetricInput): MetricValue {
  const usable = finite(predictions);
  if (usable.length < 2) return unavailable('fewer than 2 predictions');
  const moves = new Float64Array(usable.length - 1);
  for (let i = 0; i < moves.length; i++) moves[i] = Math.abs(usable[i + 1]! - usable[i]!);
  return mean(moves);
}
