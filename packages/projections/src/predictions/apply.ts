import type { JsonObject, Observations, PredictionEvent, RoundPredicted } from '@crunch-node/streams';
import type { Placed } from '../closings.ts';
import type { PredictionRow, RoundRow } from './tables.ts';

interface Rows {
  readonly rounds?: readonly RoundRow[];
  readonly predictions?: readonly PredictionRow[];
}

export function rowsOf({ event, obs, sequence, stored_us }: Placed<PredictionEvent>): Rows {
  switch (event.type) {
    case 'RoundPredicted':
      return {
        rounds: [{ ...predictedRound(event, sequence), timing: timingOf(obs, stored_us) }],
        predictions: answersOf(event, obs, sequence),
      };
    case 'RoundSkipped': {
      const { reason, ...round } = event.data;
      return { rounds: [{ ...NOT_ASKED, ...round, skipped_reason: reason, log_sequence: sequence }] };
    }
    case 'CycleClosed':
      return {};
  }
}

const NOT_ASKED = {
  scope: null,
  feed: null,
  resolvable_at: null,
  input_id: null,
  window_first: null,
  window_last: null,
  window_count: null,
  input: null,
  tournament: null,
  sample: null,
  timing: null,
} satisfies Partial<RoundRow>;

function predictedRound({ data }: RoundPredicted, sequence: number): RoundRow {
  const { round_id, partition, scope_key, performed_at, config_id, scope, feed, resolvable_at, input_id } = data;
  return {
    round_id,
    partition,
    scope_key,
    performed_at,
    config_id,
    skipped_reason: null,
    scope,
    feed,
    resolvable_at,
    input_id,
    window_first: data.window?.first ?? null,
    window_last: data.window?.last ?? null,
    window_count: data.window?.count ?? null,
    input: data.input ?? null,
    tournament: data.tournament ?? null,
    sample: data.sample ?? null,
    timing: null,
    log_sequence: sequence,
  };
}

/** Stage stamps of predict, and when the round was safe in the log. */
function timingOf(obs: Observations | undefined, storedUs: number | undefined): RoundRow['timing'] {
  const timing = objectIn(obs, 'timing');
  if (timing === undefined) return null;
  return storedUs === undefined ? timing : { ...timing, persistence_completed_us: storedUs };
}

/** Durations are measured, so they travel in `obs`: milliseconds by model. */
function answersOf({ data }: RoundPredicted, obs: Observations | undefined, sequence: number): PredictionRow[] {
  const execMs = objectIn(obs, 'exec_ms');
  return data.predictions.map((prediction) => {
    const measured = execMs?.[prediction.model_id];
    return {
      round_id: data.round_id,
      model_id: prediction.model_id,
      prediction_id: prediction.prediction_id,
      performed_at: data.performed_at,
      status: prediction.status,
      runner_status: prediction.runner_status,
      reason: prediction.reason,
      inference_output: prediction.inference_output,
      exec_time_ms: typeof measured === 'number' ? measured : null,
      log_sequence: sequence,
    };
  });
}

function objectIn(obs: Observations | undefined, name: string): JsonObject | undefined {
  const value = obs?.[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}
