import {
  coerceObject,
  coerceOrKeep,
  groupBy,
  isEnsemble,
  legacyAggregateSnapshot,
  type ScoringFunction,
  scoreId,
  snapshotId,
} from '@crunch-node/domain';
import { type Instant, type JsonObject, microsOf } from '@crunch-node/streams';
import type { TObject } from '@sinclair/typebox';
import { type LegacyPrediction, type LegacyStores, legacyResolveActuals } from './ground-truth.ts';
import { legacyComputeMetrics, legacyMetricInput } from './metrics.ts';
import type { LegacyStatus } from './runner-result.ts';

export interface LegacyScoredPrediction extends LegacyPrediction {
  readonly status: LegacyStatus;
  readonly inference_output: JsonObject;
}

export interface LegacyScoreRules {
  readonly output_type: TObject;
  readonly score_type: TObject;
  readonly scoring_function: ScoringFunction;
  readonly metrics: readonly string[];
}

export interface LegacyScore {
  readonly id: string;
  readonly prediction_id: string;
  readonly result: JsonObject;
  readonly success: boolean;
  readonly failed_reason: string | null;
}

/** A score is recorded as a success whatever its result holds. @throws what the scoring function throws */
export function legacyScore(
  rules: Omit<LegacyScoreRules, 'metrics'>,
  { id, model_id, inference_output }: Pick<LegacyScoredPrediction, 'id' | 'model_id' | 'inference_output'>,
  groundTruth: JsonObject,
): LegacyScore {
  const typed = coerceOrKeep(rules.output_type, inference_output, 'legacy');
  const returned = rules.scoring_function({ ...typed, model_id, prediction_id: id }, groundTruth);
  const result = coerceObject(rules.score_type, returned, 'legacy');
  if (!result.ok) throw new TypeError(`scoring function: ${result.error}`);
  return { id: scoreId(id), prediction_id: id, result: result.value, success: true, failed_reason: null };
}

/**
 * What is due and can be resolved is scored in order of `performed_at`, the rest stays PENDING; then one snapshot per
 * model, over this cycle alone. One exception ends the cycle.
 */
export function legacyScoreCycle(
  rules: LegacyScoreRules,
  now: Instant,
  predictions: readonly LegacyScoredPrediction[],
  stores: LegacyStores,
) {
  const due = predictions
    .filter(({ status, resolvable_at }) => status === 'PENDING' && resolvable_at !== null && resolvable_at <= now)
    .sort((a, b) => microsOf(a.performed_at) - microsOf(b.performed_at));
  const scored = due.flatMap((prediction) => {
    const truth = legacyResolveActuals(prediction, stores);
    return truth === null ? [] : [{ prediction, score: legacyScore(rules, prediction, truth) }];
  });
  const byModel = groupBy(scored, ({ prediction }) => prediction.model_id);
  const models = [...byModel].map(([model_id, own]) => ({
    model_id,
    predictions: own.map(({ prediction }) => prediction),
    scores: own.map(({ score }) => score),
  }));
  const snapshots = models.map(({ model_id, predictions: own, scores }) => ({
    id: snapshotId(model_id, now),
    model_id,
    prediction_count: scores.length,
    result_summary: {
      ...legacyAggregateSnapshot(scores.map(({ result }) => result)),
      ...legacyComputeMetrics(
        rules.metrics,
        legacyMetricInput({
          model_id,
          predictions: own,
          scores,
          peers: models.filter((model) => !isEnsemble(model.model_id)),
          ensembles: [],
        }),
      ),
    },
  }));
  const done = new Set(scored.map(({ prediction }) => prediction.id));
  return {
    statuses: predictions.map(({ id, status }) => ({ id, status: done.has(id) ? 'SCORED' : status })),
    scores: scored.map(({ score }) => score),
    snapshots,
  };
}
