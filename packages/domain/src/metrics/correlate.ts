import { isZero, type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { type Pairs, pairsOf } from './pairs.ts';
import { CONSTANT, correlationOf } from './rank-correlation.ts';
import { type Ranked, ranked } from './ranked.ts';
import { predictionsOf } from './shared-work.ts';
import { spearman } from './spearman.ts';

/** A series of an input, and the name its order is kept under where work is shared. */
export interface Named {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

/** Fewer than two rounds in common, or one of the two does not vary there. */
export type NoCorrelation = 'too few' | typeof CONSTANT;

/** Rank correlation over the rounds both have; 0 for a series that does not vary, where the input is configured so. */
export function correlate(input: MetricInput, a: Named, b: Named): number | NoCorrelation {
  const value = correlationBetween(input, a, b);
  return value === CONSTANT && isZero(input) ? 0 : value;
}

function correlationBetween({ profile, shared }: MetricInput, a: Named, b: Named): number | NoCorrelation {
  if (profile === 'legacy' || a.values.length !== b.values.length) {
    const pairs = pairsOf(a.values, b.values);
    if (pairs.x.length < 2) return 'too few';
    if (profile === 'default' && !varies(pairs)) return CONSTANT;
    return spearman(pairs.x, pairs.y, profile);
  }
  const rankedOf = ({ name, values }: Named): Ranked => {
    const series = values instanceof Float64Array ? values : Float64Array.from(values);
    return shared?.ranked(name, series) ?? ranked(series);
  };
  return correlationOf(rankedOf(a), rankedOf(b)) ?? 'too few';
}

const varies = ({ x, y }: Pairs): boolean => x.some((value) => value !== x[0]) && y.some((value) => value !== y[0]);

/** A correlation as a metric, with the reason where there is none. */
export function correlationMetric(value: number | NoCorrelation, about: string): MetricValue {
  if (typeof value === 'number') return value;
  return unavailable(
    value === CONSTANT ? `the ${about} or the outcomes do not vary` : `fewer than 2 ${about} with an outcome`,
  );
}

export const ownPredictions = ({ model_id, predictions }: MetricInput): Named => ({
  name: predictionsOf(model_id),
  values: predictions,
});

export const ownActuals = ({ model_id, actuals }: MetricInput): Named => ({
  name: `actuals ${model_id}`,
  values: actuals,
});
