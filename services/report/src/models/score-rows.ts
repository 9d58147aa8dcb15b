/** Rows of the model score endpoints. Fixed fields come last: a metric cannot take the name of one. */
import type { ScopePoint, ScoredSnapshot, SnapshotRow } from '@crunch-node/projections';
import type { JsonObject } from '@crunch-node/streams';
import type { ReportConfig } from '../route-context.ts';
import { numbersIn } from '../values/numbers-in.ts';
import { dimensionsOf } from '../values/scope-dimensions.ts';
import { tsNaive } from '../values/timestamps.ts';
import type { ModelMetrics, ModelScore, ModelSummary, ScopeScore } from './score-schemas.ts';

type Aggregation = ReportConfig['aggregation'];

const rankingOf = ({ ranking_key, ranking_direction }: Aggregation, metrics: JsonObject) => {
  const value = Object.hasOwn(metrics, ranking_key) ? metrics[ranking_key] : null;
  return { key: ranking_key, value: typeof value === 'number' ? value : null, direction: ranking_direction };
};

/** Windows as the leaderboard had them; null where it had none. */
const windowsOf = ({ windows }: Aggregation, metrics: ScoredSnapshot['score_metrics']) =>
  Object.fromEntries(windows.map(({ name }) => [name, metrics?.[name] ?? null]));

export function scoreRow(aggregation: Aggregation, found: ScoredSnapshot): ModelScore {
  const score_metrics = {
    ...numbersIn(found.result_summary),
    ...(found.score_metrics ?? windowsOf(aggregation, null)),
  };
  return {
    ...score_metrics,
    model_id: found.model_id,
    score_metrics,
    score_ranking: found.score_ranking ?? rankingOf(aggregation, score_metrics),
    performed_at: tsNaive(found.period_end),
  };
}

/** A model whose every prediction of the cycle failed has no score there; one that was not called may have. */
export const hasScore = ({ prediction_count, failed_count }: ScoredSnapshot): boolean =>
  prediction_count === 0 || failed_count < prediction_count;

export function scopeRow(aggregation: Aggregation, { averages, scope, ...point }: ScopePoint): ScopeScore {
  const score_metrics = Object.fromEntries(aggregation.windows.map(({ name }, i) => [name, averages[i] ?? null]));
  return {
    ...score_metrics,
    model_id: point.model_id,
    score_metrics,
    score_ranking: rankingOf(aggregation, score_metrics),
    performed_at: tsNaive(point.performed_at),
    scope_key: point.scope_key,
    scope,
    ...dimensionsOf(scope),
  };
}

export const metricsRow = (aggregation: Aggregation, found: ScoredSnapshot): ModelMetrics => ({
  ...windowsOf(aggregation, found.score_metrics),
  ...numbersIn(found.result_summary),
  model_id: found.model_id,
  performed_at: tsNaive(found.cycle_end),
  prediction_count: found.prediction_count,
});

export const summaryRow = ({ model_id, result_summary }: SnapshotRow): ModelSummary => ({
  ...numbersIn(result_summary),
  model_id,
});
