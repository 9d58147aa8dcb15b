/** Events for tests, with everything a test does not care about filled in. Minutes count from the start of 2026. */
import {
  type Cycle,
  FeedRecorded,
  type Instant,
  instantOfMillis,
  type Json,
  type JsonObject,
  type Outcome,
  RoundPredicted,
  RoundScored,
  roundId,
  SnapshotTaken,
} from '@crunch-node/streams';
import { predictionId, scoreId, snapshotId } from '../ids.ts';

const START = Date.UTC(2026, 0, 1);

export const minute = (n: number): Instant => instantOfMillis(START + n * 60_000);
export const hour = (n: number): Instant => minute(60 * n);

/** The cycle of one minute that ends there. */
export const cycleTo = (end: number, start: number | null = end - 1): Cycle => ({
  start: start === null ? null : minute(start),
  end: minute(end),
  config_hash: 'h',
});

export const feedOf = (subject: string) => ({ source: 'test', subject, kind: 'candle', granularity: '1m' });

/** The candle that closes at a minute. */
export const candle = (at: number, close: Json, subject = 'BTC', more: JsonObject = {}): FeedRecorded =>
  FeedRecorded.at(minute(at), {
    ...feedOf(subject),
    ts_event: START + (at - 1) * 60_000,
    values: { close, ...more },
  });

export interface GivenRound {
  readonly at: number;
  /** minutes; null: resolved by a command */
  readonly horizon?: number | null;
  readonly subject?: string;
  readonly partition?: number;
  readonly scope?: string;
  /** model id → value, or null for a model that returned no prediction */
  readonly answers?: Readonly<Record<string, Json>>;
  readonly input?: Json;
}

export function predicted(given: GivenRound): RoundPredicted {
  const { at, horizon = 2, subject = 'BTC', partition = 0, scope = subject, answers = {}, input } = given;
  const performed_at = minute(at);
  return RoundPredicted.at(performed_at, {
    round_id: roundId(partition, scope, performed_at),
    partition,
    scope_key: scope,
    performed_at,
    config_id: null,
    scope: { subject },
    feed: feedOf(subject),
    resolvable_at: horizon === null ? null : minute(at + horizon),
    input_id: `INP_${at}`,
    window: null,
    ...(input === undefined ? {} : { input }),
    predictions: Object.entries(answers).map(([model_id, value]) => ({
      prediction_id: predictionId(model_id, scope, performed_at),
      model_id,
      status: value === null ? 'ABSENT' : 'PENDING',
      runner_status: null,
      reason: null,
      inference_output: { value },
    })),
  });
}

export interface GivenScore {
  readonly at: number;
  readonly scope?: string;
  readonly partition?: number;
  /** model id → result; a text is the reason of a failure, null: expired */
  readonly results: Readonly<Record<string, JsonObject | string | null>>;
  readonly outputs?: Readonly<Record<string, number>>;
}

export function scored({ at, scope = 'BTC', partition = 0, results, outputs = {} }: GivenScore): RoundScored {
  const performed_at = minute(at);
  return RoundScored.at(minute(at + 2), {
    round_id: roundId(partition, scope, performed_at),
    partition,
    scope_key: scope,
    scope: {},
    performed_at,
    resolvable_at: minute(at + 2),
    input_id: `INP_${at}`,
    ground_truth: {},
    ground_truth_records: null,
    outcomes: Object.entries(results).map(([model_id, result]): Outcome => {
      const prediction_id = predictionId(model_id, scope, performed_at);
      const ok = typeof result === 'object' && result !== null;
      return {
        score_id: scoreId(prediction_id),
        prediction_id,
        model_id,
        outcome: ok ? 'scored' : result === null ? 'expired' : 'failed',
        result: ok ? result : null,
        success: ok,
        failed_reason: ok ? null : (result ?? 'no data'),
        inference_output: { value: outputs[model_id] ?? 0 },
      };
    }),
  });
}

export interface GivenSnapshot {
  readonly model: string;
  readonly cycle: number;
  readonly summary?: JsonObject;
  readonly count?: number;
  readonly failed?: number;
  readonly period_end?: number;
}

export const taken = ({ model, cycle, summary = {}, count = 1, failed = 0, period_end = cycle }: GivenSnapshot) =>
  SnapshotTaken.at(minute(cycle), {
    snapshot_id: snapshotId(model, minute(cycle)),
    model_id: model,
    cycle_end: minute(cycle),
    period_start: minute(period_end),
    period_end: minute(period_end),
    prediction_count: count,
    failed_count: failed,
    result_summary: summary,
    unavailable: {},
    content_hash: `hash of ${model} ${cycle}`,
  });
