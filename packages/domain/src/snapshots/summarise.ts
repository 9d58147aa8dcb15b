import { byCodePoint, type Instant, type Json, type JsonObject, type RoundScored } from '@crunch-node/streams';
import type { SnapshotAggregator } from '../crunch-config.ts';
import { REASON_LIMIT, shortened } from '../rounds/evidence.ts';
import { faultOfJson } from '../scoring/json-fault.ts';

/** All of a model's outcomes of a cycle that are a result or a failure; what expired says nothing about a model. */
export interface ModelOutcomes {
  readonly model_id: string;
  readonly period_start: Instant;
  readonly period_end: Instant;
  /** a failure without a result counts as `{ success: false }` */
  readonly results: readonly JsonObject[];
  readonly failed_count: number;
}

/** In order of model id. @param rounds in canonical order */
export function outcomesByModel(rounds: readonly RoundScored[]): ModelOutcomes[] {
  const models = new Map<
    string,
    { model_id: string; period_start: Instant; period_end: Instant; results: JsonObject[]; failed_count: number }
  >();
  for (const { data } of rounds) {
    for (const { model_id, outcome, result } of data.outcomes) {
      if (outcome === 'expired') continue;
      let model = models.get(model_id);
      if (model === undefined) {
        model = {
          model_id,
          period_start: data.performed_at,
          period_end: data.performed_at,
          results: [],
          failed_count: 0,
        };
        models.set(model_id, model);
      }
      model.period_end = data.performed_at;
      model.results.push(result ?? { success: false });
      if (outcome === 'failed') model.failed_count += 1;
    }
  }
  return [...models.values()].sort((a, b) => byCodePoint(a.model_id, b.model_id));
}

export interface Summary {
  readonly result_summary: JsonObject;
  readonly unavailable: Readonly<Record<string, string>>;
}

/** The operator's aggregation, guarded: what cannot be kept as JSON is absent with a reason. */
export function summarise(aggregate: SnapshotAggregator, results: readonly JsonObject[]): Summary {
  let summary: JsonObject;
  try {
    summary = aggregate(results);
  } catch (error) {
    return refused(shortened(error instanceof Error ? error.message : String(error), REASON_LIMIT));
  }
  if (typeof summary !== 'object' || summary === null || Array.isArray(summary)) return refused('expected an object');
  if (Object.values(summary).every((value) => faultOfJson(value) === null)) {
    return { result_summary: { ...summary }, unavailable: {} };
  }
  const kept: [string, Json][] = [];
  const unavailable: [string, string][] = [];
  for (const [key, value] of Object.entries(summary)) {
    const fault = faultOfJson(value);
    if (fault === null) kept.push([key, value]);
    else unavailable.push([key, fault]);
  }
  return { result_summary: Object.fromEntries(kept), unavailable: Object.fromEntries(unavailable) };
}

const refused = (reason: string): Summary => ({ result_summary: {}, unavailable: { aggregate_snapshot: reason } });
