import { groupBy, isEnsemble, numberOf } from '@crunch-node/domain';
import { addSeconds, type Instant, type Json, type JsonObject } from '@crunch-node/streams';
import type { LegacySnapshot } from './checkpoint.ts';
import { flattened, type LegacyAggregation, meanOrZero, newest } from './leaderboard.ts';

export interface LegacyReportedPrediction {
  readonly model_id: string;
  readonly scope_key: string;
  readonly scope: JsonObject;
  readonly performed_at: Instant;
  readonly score: { readonly result: JsonObject; readonly success: boolean } | null;
}

export interface LegacyReport {
  readonly now: Instant;
  readonly aggregation: LegacyAggregation;
  readonly model_ids: readonly string[];
  readonly start: Instant;
  readonly end: Instant;
  readonly include_ensembles: boolean;
  readonly predictions: readonly LegacyReportedPrediction[];
  readonly snapshots: readonly LegacySnapshot[];
}

/** Scores per model over a stretch of time, with the numbers of its newest snapshot in there. */
export const legacyModelsGlobal = (report: LegacyReport) =>
  [...groupBy(asked(report), ({ model_id }) => model_id)].flatMap(([model_id, own]) => {
    const inside = report.snapshots.filter(
      (taken) => taken.model_id === model_id && report.start <= taken.period_end && taken.period_end <= report.end,
    );
    return rowOf(report, { model_id }, own, newest(inside)?.result_summary ?? {});
  });

/** Scores per model and scope, a model's scopes together. */
export const legacyModelsParams = (report: LegacyReport) =>
  [...groupBy(asked(report), ({ model_id }) => model_id).values()]
    .flatMap((own) => [...groupBy(own, ({ scope_key }) => scope_key).values()])
    .flatMap((own) => {
      const { model_id, scope_key, scope } = own.at(-1)!;
      return rowOf(report, { model_id, scope_key, scope }, own, {});
    });

const asked = ({ predictions, model_ids, start, end, include_ensembles }: LegacyReport): LegacyReportedPrediction[] =>
  predictions.filter(
    ({ model_id, performed_at }) =>
      model_ids.includes(model_id) &&
      start <= performed_at &&
      performed_at <= end &&
      (include_ensembles || !isEnsemble(model_id)),
  );

function rowOf(
  { now, aggregation }: LegacyReport,
  about: JsonObject,
  predictions: readonly LegacyReportedPrediction[],
  summary: JsonObject,
) {
  const scored = predictions.flatMap(({ performed_at, score }) => {
    const value = score?.success === true ? numberOf(score.result.value) : null;
    return value === null ? [] : [{ performed_at, value }];
  });
  if (scored.length === 0) return [];
  const metrics = new Map<string, Json>(
    aggregation.windows.map(({ name, hours }) => {
      const start = addSeconds(now, -3_600 * hours);
      return [name, meanOrZero(scored.filter((one) => one.performed_at >= start).map(({ value }) => value))];
    }),
  );
  for (const [name, value] of Object.entries(summary)) {
    if (!metrics.has(name) && (typeof value === 'number' || typeof value === 'boolean')) metrics.set(name, value);
  }
  const score_metrics = Object.fromEntries(metrics);
  const { ranking_key: key, ranking_direction: direction } = aggregation;
  const latest =
    predictions
      .map(({ performed_at }) => performed_at)
      .sort()
      .at(-1) ?? '';
  return [
    {
      ...about,
      score_metrics,
      score_ranking: { key, value: metrics.get(key) ?? null, direction },
      ...flattened(score_metrics),
      performed_at: withoutOffset(latest),
    },
  ];
}

/** `2026-02-28T23:00:00`, with six digits of a second only when there are any. */
const withoutOffset = (instant: Instant): string =>
  instant.slice(20, 26) === '000000' ? instant.slice(0, 19) : instant.slice(0, 26);

/** Rows of the leaderboard endpoint: hidden ensembles leave a gap in the ranks. */
export const legacyLeaderboardRows = (
  created_at: string,
  entries: readonly {
    readonly model_id: string;
    readonly rank: number;
    readonly model_name?: string;
    readonly cruncher_name?: string;
    readonly score: { readonly metrics: JsonObject; readonly ranking: JsonObject };
  }[],
  includeEnsembles: boolean,
) =>
  entries
    .filter(({ model_id }) => includeEnsembles || !isEnsemble(model_id))
    .map(({ model_id, rank, model_name, cruncher_name, score }) => ({
      created_at,
      model_id,
      score_metrics: score.metrics,
      score_ranking: score.ranking,
      ...flattened(score.metrics),
      rank,
      model_name: model_name ?? null,
      cruncher_name: cruncher_name ?? null,
    }));
