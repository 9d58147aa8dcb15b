import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { pairsOf } from './pairs.ts';
import { mean } from './returns.ts';
import { spearman } from './spearman.ts';

/** Mean rank correlation with every other model, over the rounds both answered. */
export function modelCorrelation({ model_id, predictions, peers, profile }: MetricInput): MetricValue {
  const correlations: number[] = [];
  for (const peer of peers()) {
    if (peer.name === model_id) continue;
    const { x, y } = pairsOf(predictions, peer.predictions);
    const enough = profile === 'legacy' ? Math.min(predictions.length, peer.predictions.length) : x.length;
    if (enough >= 2) correlations.push(spearman(x, y, profile));
  }
  return correlations.length === 0 ? unavailable('no other model answered the same 2 rounds') : mean(correlations);
}
