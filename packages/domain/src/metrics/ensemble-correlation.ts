import { correlate, ownPredictions } from './correlate.ts';
import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { CONSTANT } from './rank-correlation.ts';
import { predictionsOf } from './shared-work.ts';

/** Rank correlation with the first ensemble that has enough to compare. */
export function ensembleCorrelation(input: MetricInput): MetricValue {
  const { predictions, ensembles, profile } = input;
  if (predictions.length < 2) return unavailable('fewer than 2 predictions');
  let reason = 'no ensemble answered the same 2 rounds';
  for (const ensemble of ensembles()) {
    const theirs = { name: predictionsOf(ensemble.name), values: ensemble.predictions };
    const value = correlate(input, ownPredictions(input), theirs);
    if (typeof value === 'number') return value;
    if (value === CONSTANT) reason = 'the predictions or the signals do not vary';
    if (profile === 'legacy' && ensemble.predictions.length >= 2) return 0;
  }
  return unavailable(reason);
}
