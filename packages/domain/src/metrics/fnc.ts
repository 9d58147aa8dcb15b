import { correlate, correlationMetric, ownActuals } from './correlate.ts';
import { ic } from './ic.ts';
import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { predictionsAndActuals } from './pairs.ts';
import { legacyPeerMean } from './peer-mean.ts';
import { meanOfAll, peerSums } from './peer-sums.ts';

/** Information coefficient of a model's predictions beyond the mean of all models. Alone it equals `ic`. */
export function fnc(input: MetricInput): MetricValue {
  const { model_id, predictions, peers, profile, shared } = input;
  if (predictionsAndActuals(input).x.length < 2) return tooFew;
  const models = peers();
  if (models.length <= 1) return ic(input);
  const mean =
    profile === 'legacy'
      ? legacyPeerMean(models, predictions.length)
      : meanOfAll(shared?.peerSums() ?? peerSums(models, predictions.length));
  const beyond = mean.map((value, i) => predictions[i]! - value);
  const value = correlate(input, { name: `beyond peers ${model_id}`, values: beyond }, ownActuals(input));
  return correlationMetric(value, 'predictions beyond those of all models');
}

const tooFew = unavailable('fewer than 2 predictions with an outcome');
