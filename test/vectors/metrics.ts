import { builtInMetrics, isEnsemble } from '@crunch-node/domain';
import { type LegacyMetricData, legacyComputeMetrics, legacyMetric, legacyMetricInput } from './reference/metrics.ts';
import type { Operations, VectorInput } from './vector.ts';

const inputOf = (input: VectorInput) =>
  legacyMetricInput({
    model_id: input.model_id,
    predictions: input.predictions,
    scores: input.scores,
    peers: (input.all_model_predictions as LegacyMetricData['peers']).filter(({ model_id }) => !isEnsemble(model_id)),
    ensembles: input.ensemble_predictions,
  });

export const metricOperations: Operations = {
  compute: (input) => {
    if (!builtInMetrics.has(input.metric)) throw new RangeError(`there is no metric named ${input.metric}`);
    return legacyMetric(input.metric, inputOf(input));
  },
  registry_compute: (input) => legacyComputeMetrics(input.metrics, inputOf(input)),
};
