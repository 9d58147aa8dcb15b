import {
  byCodePoint,
  type Json,
  type JsonObject,
  type Prediction,
  RoundPredicted,
  RoundSkipped,
  type RunnerStatus,
} from '@crunch-node/streams';
import type { TObject } from '@sinclair/typebox';
import { absentPredictionId, predictionId } from '../ids.ts';
import { validateOutput } from '../scoring/validate-output.ts';
import type { AnswerLimit } from '../sizes/event-room.ts';
import type { Round } from './plan.ts';
import { REASON_LIMIT, refusedOutputOf, shortened } from './refused-output.ts';
import type { Window } from './window.ts';

/** Outcome of the calls of one model in a round. */
export type ModelOutcome =
  | {
      readonly kind: 'answered';
      readonly model_id: string;
      readonly status: RunnerStatus;
      readonly result: Json | undefined;
      readonly error_code: string | null;
      readonly message: string | null;
    }
  /** not called, because it kept failing; counts as a time-out */
  | { readonly kind: 'cooling'; readonly model_id: string }
  /** known, but not there to be called */
  | { readonly kind: 'absent'; readonly model_id: string; readonly reason: string };

export interface RoundAnswers {
  readonly outcomes: readonly ModelOutcome[];
  /** input of the models, kept only when it cannot be computed again from the feed */
  readonly input: JsonObject | null;
}

export const COOL_DOWN = 'cool-down after repeated time-outs: not called';

/** One event for the whole round, predictions in code point order of their models. */
export function recordRound(
  { interval_seconds: _, ...round }: Round,
  window: Window,
  { outcomes, input }: RoundAnswers,
  outputType: TObject,
  limit: Pick<AnswerLimit, 'max_answer_size'> = {},
): RoundPredicted {
  return RoundPredicted.at(round.performed_at, {
    ...round,
    window: { first: window[0]?.id ?? '', last: window.at(-1)?.id ?? '', count: window.length },
    ...(input === null ? {} : { input }),
    predictions: outcomes
      .map((outcome) => predictionOf(round, outcome, outputType, limit))
      .sort((a, b) => byCodePoint(a.model_id, b.model_id)),
  });
}

/** Too old for an honest prediction. Has the id of the round that could have been predicted instead. */
export const recordSkipped = (round: Round, reason: string): RoundSkipped =>
  RoundSkipped.at(round.performed_at, {
    round_id: round.round_id,
    partition: round.partition,
    scope_key: round.scope_key,
    performed_at: round.performed_at,
    config_id: round.config_id,
    reason,
  });

/** One model's entry in a round. */
export function predictionOf(
  { scope_key, performed_at }: Pick<Round, 'scope_key' | 'performed_at'>,
  outcome: ModelOutcome,
  outputType: TObject,
  { max_answer_size: maxSize }: Pick<AnswerLimit, 'max_answer_size'> = {},
): Prediction {
  const { model_id } = outcome;
  const base = { prediction_id: predictionId(model_id, scope_key, performed_at), model_id };
  const failed = (runner_status: RunnerStatus, reason: string, inference_output: JsonObject = {}): Prediction => ({
    ...base,
    status: 'FAILED',
    runner_status,
    reason: shortened(reason, REASON_LIMIT),
    inference_output,
  });
  switch (outcome.kind) {
    case 'absent':
      return {
        prediction_id: absentPredictionId(model_id, scope_key, performed_at),
        model_id,
        status: 'ABSENT',
        runner_status: null,
        reason: outcome.reason,
        inference_output: {},
      };
    case 'cooling':
      return failed('TIMEOUT', COOL_DOWN);
    case 'answered': {
      if (outcome.status !== 'SUCCESS') {
        return failed(outcome.status, [outcome.error_code, outcome.message].filter(Boolean).join(': '));
      }
      const raw = outcome.result ?? null;
      const checked = validateOutput(outputType, isObject(raw) ? raw : { result: raw }, { maxSize });
      if (checked.ok) {
        return { ...base, status: 'PENDING', runner_status: 'SUCCESS', reason: null, inference_output: checked.output };
      }
      return failed('SUCCESS', checked.error, {
        _validation_error: checked.error,
        raw_output: refusedOutputOf(raw),
      });
    }
  }
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
