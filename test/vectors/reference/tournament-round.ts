import { coerceOrKeep, groupBy, isObject, predictionId, scoreId } from '@crunch-node/domain';
import { type Instant, instantOfMicros, type Json, type JsonObject, microsOf } from '@crunch-node/streams';
import { type LegacyStatus, legacyMapRunnerResult } from './runner-result.ts';
import { type LegacyScore, type LegacyScoreRules, legacyScore } from './score-cycle.ts';

export interface LegacySample {
  readonly id: string;
  readonly model_id: string;
  readonly scope_key: string;
  readonly scope: { readonly round_id: string; readonly feature_index: number; readonly features: JsonObject };
  readonly status: LegacyStatus;
  readonly inference_output: JsonObject;
  readonly performed_at: Instant;
}

export interface LegacyTournamentRules extends Omit<LegacyScoreRules, 'metrics'> {
  readonly ground_truth_type: Parameters<typeof coerceOrKeep>[0];
}

/** One prediction per feature and responding model, a microsecond apart. */
export function legacyRunInference(
  rules: LegacyTournamentRules,
  round_id: string,
  now: Instant,
  features: readonly JsonObject[],
  answers: readonly { readonly model_id: string; readonly outputs: readonly (Json | undefined)[] }[],
): LegacySample[] {
  return features.flatMap((sample, feature_index) => {
    const performed_at = instantOfMicros(microsOf(now) + feature_index);
    const scope_key = `${round_id}:${feature_index}`;
    return answers.flatMap(({ model_id, outputs }): LegacySample[] => {
      const output = outputs[feature_index];
      if (output === undefined) return [];
      const mapped = legacyMapRunnerResult(rules.output_type, 'SUCCESS', output);
      const scope = { round_id, feature_index, features: sample };
      return [
        { id: predictionId(model_id, scope_key, performed_at), model_id, scope_key, scope, ...mapped, performed_at },
      ];
    });
  });
}

/** Predictions of a model are paired with ground truths by position: a FAILED sample moves all later ones. */
export function legacyScoreRound(
  rules: LegacyTournamentRules,
  samples: readonly LegacySample[],
  groundTruth: Json,
): { samples: LegacySample[]; scores: LegacyScore[] } {
  const truths = (Array.isArray(groundTruth) ? groundTruth : [groundTruth]).map((truth: Json) =>
    coerceOrKeep(rules.ground_truth_type, isObject(truth) ? truth : {}, 'legacy'),
  );
  const pending = groupBy(
    samples.filter(({ status }) => status === 'PENDING'),
    ({ model_id }) => model_id,
  );
  const scores = [...pending.values()].flatMap((own) =>
    own
      .sort((a, b) => a.scope.feature_index - b.scope.feature_index)
      .slice(0, truths.length)
      .map((sample, i) => scoreOrZero(rules, sample, truths[i]!)),
  );
  const done = new Set(scores.map(({ prediction_id }) => prediction_id));
  return { samples: samples.map((sample) => (done.has(sample.id) ? { ...sample, status: 'SCORED' } : sample)), scores };
}

function scoreOrZero(rules: LegacyTournamentRules, sample: LegacySample, truth: JsonObject): LegacyScore {
  try {
    return legacyScore(rules, sample, truth);
  } catch (error) {
    const failed_reason = String(error);
    const result = { value: 0, success: false, failed_reason };
    return { id: scoreId(sample.id), prediction_id: sample.id, result, success: false, failed_reason };
  }
}

/** State of a round. */
export function legacyRoundStatus(round_id: string, samples: readonly LegacySample[]) {
  const counts = groupBy(samples, ({ status }) => status);
  const standing =
    samples.length === 0
      ? 'not_found'
      : samples.every(({ status }) => status === 'SCORED')
        ? 'scored'
        : counts.has('PENDING')
          ? 'inference_complete'
          : 'partial';
  return {
    round_id,
    status: standing,
    total: samples.length,
    model_count: new Set(samples.map(({ model_id }) => model_id)).size,
    by_status: Object.fromEntries([...counts].map(([status, all]) => [status, all.length])),
  };
}
