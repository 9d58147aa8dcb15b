import type { JsonObject, Outcome } from '@crunch-node/streams';
import { scoreId } from '../ids.ts';
import { coerceObject, coerceOrKeep } from './coerce.ts';
import { faultOfJson } from './json-fault.ts';
import type { PendingPrediction } from './pending-round.ts';
import type { ScoreRules } from './rules.ts';
import { messageOf, type Resolution } from './window.ts';

/** One prediction against what really happened. Whatever goes wrong is this prediction's outcome, nobody else's. */
export function scorePrediction(rules: ScoreRules, prediction: PendingPrediction, resolution: Resolution): Outcome {
  const { prediction_id, model_id, inference_output } = prediction;
  const common = { score_id: scoreId(prediction_id), prediction_id, model_id, inference_output };
  if (resolution.kind !== 'resolved') {
    return { ...common, outcome: resolution.kind, result: null, success: false, failed_reason: resolution.reason };
  }
  const failed = (reason: string, result: JsonObject | null = null): Outcome => ({
    ...common,
    outcome: 'failed',
    result,
    success: false,
    failed_reason: reason,
  });
  let returned: unknown;
  try {
    const typed = coerceOrKeep(rules.output_type, inference_output, 'default');
    returned = rules.scoring_function({ ...typed, model_id, prediction_id }, resolution.ground_truth);
  } catch (error) {
    return failed(`scoring function: ${messageOf(error)}`);
  }
  const fault = faultOfJson(returned);
  if (fault !== null) return failed(`scoring function: ${fault}`);
  const result = coerceObject(rules.score_type, returned, 'default');
  if (!result.ok) return failed(`scoring function: ${result.error}`);
  const { success, failed_reason } = result.value;
  if (success === false) {
    return failed(
      typeof failed_reason === 'string' ? failed_reason : 'the scoring function gave no reason',
      result.value,
    );
  }
  return { ...common, outcome: 'scored', result: result.value, success: true, failed_reason: null };
}
