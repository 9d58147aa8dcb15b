import { correlate, ownPredictions } from './correlate.ts';
import { isZero, type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { mean } from './returns.ts';
import { predictionsOf } from './shared-work.ts';

/** Mean rank correlation with every other model, over the rounds both answered. */
export function modelCorrelation(input: MetricInput): MetricValue {
  const { model_id, predictions, peers, profile, shared } = input;
  const known = shared?.meanCorrelations(isZero(input) ? 'zero' : 'unavailable').get(model_id);
  if (known !== undefined) return known;
  const others = peers().filter(({ name }) => name !== model_id);
  const correlations = others.flatMap((peer) => {
    const value = correlate(input, ownPredictions(input), {
      name: predictionsOf(peer.name),
      values: peer.predictions,
    });
    const enough = profile === 'legacy' && Math.min(predictions.length, peer.predictions.length) >= 2;
    if (typeof value === 'number') return value;
    return enough ? 0 : [];
  });
  return correlations.length === 0 ? alone : mean(correlations);
}

const alone = unavailable('no other model answered the same 2 rounds, or they do not vary');
