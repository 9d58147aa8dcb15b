import type { MetricInput } from './metric.ts';
import { pairsOf } from './pairs.ts';
import { rankCorrelation } from './rank-correlation.ts';
import { type Ranked, ranked } from './ranked.ts';
import { predictionsOf } from './shared-work.ts';
import { spearman } from './spearman.ts';

/** A series of an input, and the name its order is kept under where work is shared. */
export interface Named {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

/** Rank correlation over the rounds both have; null with fewer than two. */
export function correlate({ profile, shared }: MetricInput, a: Named, b: Named): number | null {
  if (profile === 'legacy' || a.values.length !== b.values.length) {
    const { x, y } = pairsOf(a.values, b.values);
    return x.length < 2 ? null : spearman(x, y, profile);
  }
  const rankedOf = ({ name, values }: Named): Ranked => {
    const series = values instanceof Float64Array ? values : Float64Array.from(values);
    return shared?.ranked(name, series) ?? ranked(series);
  };
  return rankCorrelation(rankedOf(a), rankedOf(b));
}

export const ownPredictions = ({ model_id, predictions }: MetricInput): Named => ({
  name: predictionsOf(model_id),
  values: predictions,
});

export const ownActuals = ({ model_id, actuals }: MetricInput): Named => ({
  name: `actuals ${model_id}`,
  values: actuals,
});
