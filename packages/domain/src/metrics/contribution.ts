import { correlate, type NoCorrelation, ownActuals } from './correlate.ts';
import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { countFinite } from './pairs.ts';
import { legacyPeerMean } from './peer-mean.ts';
import { meanOfAll, meanWithout, peerSums } from './peer-sums.ts';
import { CONSTANT } from './rank-correlation.ts';
import { predictionsOf } from './shared-work.ts';

/** Information coefficient of the first ensemble less that of the plain mean of the other models. */
export function contribution(input: MetricInput): MetricValue {
  const { model_id, predictions, actuals, ensembles, peers, profile } = input;
  if (countFinite(predictions) < 2) return unavailable('fewer than 2 predictions');
  const ensemble = ensembles()[0];
  if (ensemble === undefined || countFinite(ensemble.predictions) < 2) {
    return unavailable('the ensemble has fewer than 2 signals');
  }
  if (peers().every(({ name }) => name === model_id)) return unavailable('there is no other model');
  if (countFinite(actuals) < 2) return unavailable('fewer than 2 outcomes');
  const length = Math.min(predictions.length, ensemble.predictions.length);
  const signals =
    ensemble.predictions.length > length ? Array.from(ensemble.predictions).slice(0, length) : ensemble.predictions;
  const others = othersMean(input, length);
  const withAll = correlate(input, { name: predictionsOf(ensemble.name), values: signals }, ownActuals(input));
  const without = correlate(input, { name: `others of ${model_id}`, values: others }, ownActuals(input));
  if (profile === 'legacy') return orZero(withAll) - orZero(without);
  if (withAll === CONSTANT || without === CONSTANT) {
    return unavailable('the signals, the mean of the other models or the outcomes do not vary');
  }
  if (withAll === 'too few') return unavailable('the ensemble has fewer than 2 signals with an outcome');
  return without === 'too few' ? unavailable('no other model answered the same 2 rounds') : withAll - without;
}

const orZero = (value: number | NoCorrelation): number => (typeof value === 'number' ? value : 0);

function othersMean({ model_id, predictions, peers, profile, shared }: MetricInput, length: number): Float64Array {
  const models = peers();
  const others = models.filter(({ name }) => name !== model_id);
  if (profile === 'legacy') return legacyPeerMean(others, length);
  if (shared === undefined) return meanOfAll(peerSums(others, length));
  return others.length === models.length ? meanOfAll(shared.peerSums()) : meanWithout(shared.peerSums(), predictions);
}
