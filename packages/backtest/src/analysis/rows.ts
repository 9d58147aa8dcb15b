import { actualReturn, predictionValue, scoreValue } from '@crunch-node/domain';
import type { Instant, JsonObject, Outcome, RoundScored } from '@crunch-node/streams';
import { isParticipant } from '../engine/run.ts';

/** One prediction with its outcome. */
export interface PredictionRow {
  readonly model_id: string;
  readonly prediction_id: string;
  readonly scope_key: string;
  readonly subject: string;
  readonly performed_at: Instant;
  readonly resolvable_at: Instant;
  readonly outcome: Outcome['outcome'];
  readonly output: JsonObject;
  readonly ground_truth: JsonObject | null;
  /** value of the scoring function; null where there is none */
  readonly score: number | null;
  /** the number of the prediction that metrics use; null where there is none */
  readonly prediction: number | null;
  /** actual move of the asset, as metrics use it; null where it is not known */
  readonly actual: number | null;
  readonly failed_reason: string | null;
}

const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);

/** In the order of their rounds; ensembles are left out. */
export function rowsOf(scored: readonly RoundScored[]): PredictionRow[] {
  return scored.flatMap(({ data }) => {
    const { scope_key, scope, performed_at, resolvable_at, ground_truth } = data;
    const subject = typeof scope.subject === 'string' ? scope.subject : scope_key;
    return data.outcomes
      .filter(({ model_id }) => isParticipant(model_id))
      .map(({ model_id, prediction_id, outcome, result, inference_output, failed_reason }): PredictionRow => {
        const isScored = outcome === 'scored';
        return {
          model_id,
          prediction_id,
          scope_key,
          subject,
          performed_at,
          resolvable_at,
          outcome,
          output: inference_output,
          ground_truth,
          score: isScored ? finite(scoreValue(result ?? {})) : null,
          prediction: finite(predictionValue(inference_output)),
          actual: finite(actualReturn(result ?? {}) ?? actualReturn(ground_truth ?? {})),
          failed_reason,
        };
      });
  });
}

export function byModel(rows: readonly PredictionRow[]): ReadonlyMap<string, readonly PredictionRow[]> {
  const models = new Map<string, PredictionRow[]>();
  for (const row of rows) {
    const own = models.get(row.model_id);
    if (own === undefined) models.set(row.model_id, [row]);
    else own.push(row);
  }
  return models;
}
