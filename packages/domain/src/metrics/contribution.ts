import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { finite, pairsOf } from './pairs.ts';
import { peerMean } from './peer-mean.ts';
import { spearman } from './spearman.ts';

/** What the first ensemble's information coefficient has over that of the other models' plain mean. */
export function contribution({ model_id, predictions, actuals, peers, ensembles, profile }: MetricInput): MetricValue {
  if (finite(predictions).length < 2) return unavailable('fewer than 2 predictions');
  const ensemble = ensembles()[0];
  if (ensemble === undefined || finite(ensemble.predictions).length < 2) {
    return unavailable('the ensemble has fewer than 2 signals');
  }
  const others = peers().filter(({ name }) => name !== model_id);
  if (others.length === 0) return unavailable('there is no other model');
  if (finite(actuals).length < 2) return unavailable('fewer than 2 outcomes');
  const length = Math.min(predictions.length, ensemble.predictions.length);
  const withAll = pairsOf(Array.from(ensemble.predictions).slice(0, length), actuals);
  const without = pairsOf(peerMean(others, length, profile), actuals);
  return spearman(withAll.x, withAll.y, profile) - spearman(without.x, without.y, profile);
}
