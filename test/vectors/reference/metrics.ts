import { actualReturn, builtInMetrics, type MetricInput, predictionValue, scoreValue } from '@crunch-node/domain';
import type { JsonObject } from '@crunch-node/streams';

interface VectorPrediction {
  readonly inference_output?: JsonObject | null;
}

export interface LegacyMetricData {
  readonly model_id: string;
  readonly predictions: readonly VectorPrediction[];
  readonly scores: readonly { readonly result?: JsonObject | null }[];
  /** without ensembles */
  readonly peers: readonly { readonly model_id: string; readonly predictions: readonly VectorPrediction[] }[];
  readonly ensembles: readonly { readonly name: string; readonly predictions: readonly VectorPrediction[] }[];
}

/** Values without a number are dropped, which shifts all later ones: the reference pairs by position. */
function valuesOf(predictions: readonly VectorPrediction[]): number[] {
  return predictions.flatMap(({ inference_output = {} }) => {
    if (typeof inference_output !== 'object' || inference_output === null) throw new TypeError('expected an output');
    return predictionValue(inference_output) ?? [];
  });
}

/** Predictions and outcomes paired by position; an outcome without a number is 0. */
export const legacyMetricInput = ({
  model_id,
  predictions,
  scores,
  peers,
  ensembles,
}: LegacyMetricData): MetricInput => ({
  model_id,
  get predictions() {
    return valuesOf(predictions);
  },
  actuals: scores.map(({ result }) => actualReturn(result ?? {}) ?? 0),
  values: scores.flatMap(({ result }) => scoreValue(result ?? {}) ?? []),
  peers: () => peers.map((peer) => ({ name: peer.model_id, predictions: valuesOf(peer.predictions) })),
  ensembles: () => ensembles.map(({ name, predictions: values }) => ({ name, predictions: valuesOf(values) })),
  profile: 'legacy',
});

/** The reference has no unavailable metric: it is 0. @throws errors of the metric */
export function legacyMetric(name: string, input: MetricInput): number {
  const value = builtInMetrics.get(name)?.(input);
  return typeof value === 'number' ? value : 0;
}

/** Unknown names are skipped, a metric that throws is 0. */
export const legacyComputeMetrics = (names: readonly string[], input: MetricInput): Record<string, number> =>
  Object.fromEntries(
    names
      .filter((name) => builtInMetrics.has(name))
      .map((name) => {
        try {
          return [name, legacyMetric(name, input)];
        } catch {
          return [name, 0];
        }
      }),
  );
