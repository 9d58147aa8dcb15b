import { byCodePoint, type Instant, type Json, type JsonObject, type RoundScored } from '@crunch-node/streams';
import type { SnapshotAggregator } from '../crunch-config.ts';
import { copyOf, putOwn } from '../lent.ts';
import { called, messageOf } from '../operators-code.ts';
import { faultOfJson, storedForm } from '../scoring/json-fault.ts';
import { aggregateSnapshot, legacyAggregateSnapshot } from './aggregate.ts';

/** A model's scored and failed outcomes of a cycle; expired ones are no evidence about the model. */
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

/** They only read, so that results need not be copied for them. */
const OURS: readonly SnapshotAggregator[] = [aggregateSnapshot, legacyAggregateSnapshot];

/**
 * The operator's aggregation, guarded: it gets copies of the results, its numbers are kept as they will be stored, and
 * those that cannot be stored are absent with a reason.
 */
export function summarise(aggregate: SnapshotAggregator, results: readonly JsonObject[]): Summary {
  try {
    const summary: unknown = called(() => aggregate(OURS.includes(aggregate) ? results : copyOf(results)));
    if (typeof summary !== 'object' || summary === null || Array.isArray(summary)) return refused('expected an object');
    const result_summary: JsonObject = {};
    const unavailable: Record<string, string> = {};
    for (const key of Object.keys(summary)) {
      const value = storedForm((summary as Record<string, unknown>)[key]);
      const fault = faultOfJson(value);
      if (fault !== null) putOwn(unavailable, key, fault);
      else if (value !== undefined) putOwn(result_summary, key, value as Json);
    }
    return { result_summary, unavailable };
  } catch (error) {
    return refused(messageOf(error));
  }
}

const refused = (reason: string): Summary => ({ result_summary: {}, unavailable: { aggregate_snapshot: reason } });
