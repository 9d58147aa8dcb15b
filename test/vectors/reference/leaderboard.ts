import { type Aggregation, groupBy, mean, numberOf } from '@crunch-node/domain';
import { addSeconds, type Instant, type JsonObject } from '@crunch-node/streams';
import type { LegacyModel, LegacySnapshot } from './checkpoint.ts';

/** The direction is any text there; only `desc` is descending. */
export type LegacyAggregation = Omit<Aggregation, 'ranking_direction'> & { readonly ranking_direction: string };

/** An empty window is 0, so that a dormant model ranks before those with negative scores. */
export const meanOrZero = (values: readonly number[]): number => (values.length === 0 ? 0 : mean(values));

export const newest = <T extends { readonly period_end: Instant }>(snapshots: readonly T[]): T | undefined =>
  snapshots.reduce<T | undefined>(
    (latest, taken) => (latest === undefined || taken.period_end > latest.period_end ? taken : latest),
    undefined,
  );

/**
 * All snapshots into one ranking, models in order of their first snapshot until they are sorted; ensembles take part.
 * @throws {TypeError} for a value that is null or no number
 */
export function legacyRebuild(
  now: Instant,
  aggregation: LegacyAggregation,
  snapshots: readonly LegacySnapshot[],
  models: readonly LegacyModel[],
) {
  const { windows, value_field, ranking_key: key, ranking_direction: direction } = aggregation;
  const sign = direction === 'desc' ? -1 : 1;
  return [...groupBy(snapshots, ({ model_id }) => model_id)]
    .map(([model_id, own]) => {
      const metrics = new Map(
        windows.map(({ name, hours }) => {
          const start = addSeconds(now, -3_600 * hours);
          const inside = own.filter(({ period_end }) => period_end >= start);
          return [name, meanOrZero(inside.map(({ result_summary }) => summaryValue(result_summary, value_field)))];
        }),
      );
      for (const [name, value] of Object.entries(newest(own)?.result_summary ?? {})) {
        const number = numberOf(value);
        if (number !== null && !metrics.has(name)) metrics.set(name, number);
      }
      const model = models.find(({ id }) => id === model_id);
      const value = metrics.get(key) ?? 0;
      const score = { metrics: Object.fromEntries(metrics), ranking: { key, value, direction } };
      const names = model === undefined ? {} : { model_name: model.name, cruncher_name: model.player_name };
      return { model_id, score, ...names };
    })
    .sort((a, b) => sign * (a.score.ranking.value - b.score.ranking.value))
    .map((entry, i) => ({ ...entry, rank: i + 1 }));
}

function summaryValue(summary: JsonObject, field: string): number {
  if (!Object.hasOwn(summary, field)) return 0;
  const number = numberOf(summary[field]);
  if (number === null)
    throw new TypeError(`expected ${field} to be a number, received ${JSON.stringify(summary[field])}`);
  return number;
}

/** Every metric as a column of its own; a value that is no number is null there. */
export const flattened = (metrics: JsonObject): Record<string, number | null> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, numberOf(value)]));
