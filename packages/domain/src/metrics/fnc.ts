import { type MetricInput, type MetricValue, unavailable } from './metric.ts';
import { pairsOf, predictionsAndActuals } from './pairs.ts';
import { peerMean } from './peer-mean.ts';
import { spearman } from './spearman.ts';

/** Information coefficient of what a model says beyond the mean of all models. Alone it equals `ic`. */
export function fnc(input: MetricInput): MetricValue {
  const { predictions, actuals, peers, profile } = input;
  const pairs = predictionsAndActuals(input);
  if (pairs.x.length < 2) return unavailable('fewer than 2 predictions with an outcome');
  const models = peers();
  if (models.length <= 1) return spearman(pairs.x, pairs.y, profile);
  const mean = peerMean(models, predictions.length, profile);
  const { x, y } = pairsOf(
    mean.map((value, i) => predictions[i]! - value),
    actuals,
  );
  return spearman(x, y, profile);
}
