import type { JsonObject } from '@crunch-node/streams';
import { isEnsemble } from '../src/ensembles/virtual-model.ts';
import { actualReturn, predictionValue, scoreValue } from '../src/metrics/extract.ts';
import type { MetricInput, PeerSeries } from '../src/metrics/metric.ts';
import { builtInMetrics } from '../src/metrics/registry.ts';
import type { Operations, VectorInput } from './vector.ts';

interface GivenPrediction {
  readonly inference_output?: JsonObject | null;
}
interface GivenScore {
  readonly result?: JsonObject | null;
}

/** What has no number is dropped, which moves everything after it: the reference pairs by position. */
function predictionsOf(predictions: readonly GivenPrediction[]): number[] {
  return predictions.flatMap(({ inference_output = {} }) => {
    if (typeof inference_output !== 'object' || inference_output === null) throw new TypeError('expected an output');
    return predictionValue(inference_output) ?? [];
  });
}

export const legacyInput = (input: VectorInput): MetricInput => {
  const scores = input.scores as readonly GivenScore[];
  return {
    model_id: input.model_id,
    get predictions() {
      return predictionsOf(input.predictions);
    },
    actuals: scores.map(({ result }) => actualReturn(result ?? {}) ?? 0),
    values: scores.flatMap(({ result }) => scoreValue(result ?? {}) ?? []),
    peers: () =>
      (input.all_model_predictions as readonly { model_id: string; predictions: GivenPrediction[] }[])
        .filter(({ model_id }) => !isEnsemble(model_id))
        .map(({ model_id, predictions }): PeerSeries => ({ name: model_id, predictions: predictionsOf(predictions) })),
    ensembles: () =>
      (input.ensemble_predictions as readonly { name: string; predictions: GivenPrediction[] }[]).map(
        ({ name, predictions }) => ({ name, predictions: predictionsOf(predictions) }),
      ),
    profile: 'legacy',
  };
};

/** The reference has no unavailable metric: it is 0. */
const compute = (input: VectorInput, name: string): number => {
  const value = builtInMetrics.get(name)?.(legacyInput(input));
  return typeof value === 'number' ? value : 0;
};

const orZero = (input: VectorInput, name: string): number => {
  try {
    return compute(input, name);
  } catch {
    return 0;
  }
};

export const metricOperations: Operations = {
  compute: (input) => compute(input, input.metric),
  registry_compute: (input) =>
    Object.fromEntries(
      (input.metrics as string[]).filter((name) => builtInMetrics.has(name)).map((name) => [name, orZero(input, name)]),
    ),
};
