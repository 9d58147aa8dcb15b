import type { JsonObject, Outcome } from '@crunch-node/streams';
import type { GroundTruth } from '../crunch-config.ts';
import { scoreId } from '../ids.ts';
import { copyOf, lent } from '../lent.ts';
import { called, messageOf } from '../operators-code.ts';
import { coerceObject, coerceOrKeep } from './coerce.ts';
import { faultOfJson, storedForm } from './json-fault.ts';
import type { PendingPrediction } from './pending-round.ts';
import type { ScoreRules } from './rules.ts';
import type { Resolution } from './window.ts';

/**
 * Scores the predictions of one round against their ground truth. A failure in scoring one, or a change the scoring
 * function makes to its input, affects the outcome of that prediction alone.
 */
export function scorePredictions(
  rules: ScoreRules,
  predictions: readonly PendingPrediction[],
  resolution: Resolution,
): Outcome[] {
  const truth = lent(resolution.kind === 'resolved' ? resolution.ground_truth : {});
  return predictions.map((prediction) => scorePrediction(rules, prediction, resolution, truth));
}

function scorePrediction(
  rules: ScoreRules,
  prediction: PendingPrediction,
  resolution: Resolution,
  truth: () => GroundTruth,
): Outcome {
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
    const answer = ownAnswer(coerceOrKeep(rules.output_type, inference_output, 'default'));
    const groundTruth = truth();
    returned = storedForm(called(() => rules.scoring_function({ ...answer, model_id, prediction_id }, groundTruth)));
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

/** Lists and objects in it are copied; that of numbers and texts is one already. */
function ownAnswer(typed: JsonObject): JsonObject {
  for (const key in typed) if (typeof typed[key] === 'object') return copyOf(typed);
  return typed;
}
