import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { pairsOf } from './pairs.ts';
import { spearman } from './spearman.ts';

/** Rank correlation with the first ensemble that has enough to compare. */
export function ensembleCorrelation({ predictions, ensembles, profile }: MetricInput): MetricValue {
  if (predictions.length < 2) return unavailable('fewer than 2 predictions');
  for (const ensemble of ensembles()) {
    const { x, y } = pairsOf(predictions, ensemble.predictions);
    const enough = profile === 'legacy' ? ensemble.predictions.length : x.length;
    if (enough >= 2) return spearman(x, y, profile);
  }
  return unavailable('no ensemble answered the same 2 rounds');
}
