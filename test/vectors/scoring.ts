import { realtimeScore } from '@crunch-node/config';
import {
  absentPredictionId,
  coerceOrKeep,
  faultOfScores,
  legacyAggregateSnapshot,
  predictionId,
  type ScoringFunction,
  tournamentScore,
  validateOutput,
} from '@crunch-node/domain';
import { predictionOf, storesOf } from './ground-truth.ts';
import { defaultScoreType, outputTypes, tournamentScoreType, tournamentTruthType } from './output-types.ts';
import { legacyMapRunnerResult } from './reference/runner-result.ts';
import { legacyScoreCycle } from './reference/score-cycle.ts';
import { legacyRoundStatus, legacyRunInference, legacyScoreRound } from './reference/tournament-round.ts';
import { instantOf } from './times.ts';
import type { Operations, VectorInput } from './vector.ts';

const product: ScoringFunction = (prediction, { profit }) => {
  const actual_return = Number(profit ?? 0);
  return { value: Number(prediction.value) * actual_return, actual_return, success: true, failed_reason: null };
};
const scorers: Readonly<Record<string, ScoringFunction>> = {
  product,
  reports_failure: () => ({ value: 0, success: false, failed_reason: 'nope' }),
  reports_failure_half: (prediction, truth) =>
    Number(prediction.value) < 0 ? { value: 0, success: false, failed_reason: 'negative' } : product(prediction, truth),
  raises: () => {
    throw new Error('raises');
  },
};

function scoreCycle(input: VectorInput): unknown {
  const rules = {
    output_type: outputTypes.default!,
    score_type: defaultScoreType,
    scoring_function: scorers[input.scoring]!,
    metrics: input.metrics,
  };
  const cycle = legacyScoreCycle(rules, instantOf(input.now), input.predictions.map(predictionOf), storesOf(input));
  return {
    statuses: Object.fromEntries(cycle.statuses.map(({ id, status }) => [id, status])),
    scores: cycle.scores.map((score) => ({ ...score, scored_at: input.now })),
    snapshots: cycle.snapshots.map((taken) => ({ ...taken, period_start: input.now, period_end: input.now })),
  };
}

function tournamentRound({ round_id, now, features, model_outputs, ground_truth }: VectorInput): unknown {
  const rules = {
    output_type: outputTypes.tournament!,
    score_type: tournamentScoreType,
    ground_truth_type: tournamentTruthType,
    scoring_function: tournamentScore,
  };
  const asked = legacyRunInference(rules, round_id, instantOf(now), features, model_outputs);
  const { samples, scores } = legacyScoreRound(rules, asked, ground_truth);
  return {
    predictions: asked.map((sample) => ({
      ...sample,
      performed_at: sample.performed_at.replace('Z', '+00:00'),
      resolvable_at: null,
    })),
    status_after_inference: legacyRoundStatus(round_id, asked),
    scores,
    status_after_scoring: legacyRoundStatus(round_id, samples),
  };
}

export const scoringOperations: Operations = {
  validate_output: ({ output_type, output }) => {
    const validated = validateOutput(outputTypes[output_type]!, output, { profile: 'legacy' });
    return { valid: validated.ok, output: validated.ok ? validated.output : null };
  },
  map_runner_result: ({ output_type, runner_status, result }) =>
    legacyMapRunnerResult(outputTypes[output_type]!, runner_status, result),
  coerce_output: ({ output_type, raw }) => coerceOrKeep(outputTypes[output_type]!, raw, 'legacy'),
  aggregate_snapshot: ({ results }) => legacyAggregateSnapshot(results),
  realtime_score: ({ prediction, ground_truth }) => realtimeScore(prediction, ground_truth),
  tournament_score: ({ prediction, ground_truth }) => tournamentScore(prediction, ground_truth),
  score_cycle: scoreCycle,
  tournament_round: tournamentRound,
  record_id: ({ model_id, scope_key, status, now }) =>
    (status === 'ABSENT' ? absentPredictionId : predictionId)(model_id, scope_key, instantOf(now)),
  score_quality: ({ score_values }) => ({ passed: faultOfScores(score_values) === null }),
};
