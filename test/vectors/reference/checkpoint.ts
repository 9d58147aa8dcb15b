import { checkpointId, groupBy } from '@crunch-node/domain';
import { addSeconds, type Instant, type JsonObject, secondsBetween } from '@crunch-node/streams';

export interface LegacySnapshot {
  readonly model_id: string;
  readonly period_start: Instant;
  readonly period_end: Instant;
  readonly prediction_count: number;
  readonly result_summary: JsonObject;
}

export interface LegacyModel {
  readonly id: string;
  readonly name: string;
  readonly player_name: string;
}

/** The first scoring cycle ever is always due. */
export const legacyIsDue = (now: Instant, lastPeriodEnd: Instant | null, intervalSeconds: number): boolean =>
  lastPeriodEnd === null || secondsBetween(lastPeriodEnd, now) >= intervalSeconds;

/**
 * Period and ranking of a checkpoint. The key is looked up literally (a window name ties everybody at 0, and who came
 * first wins), ensembles take part, a model without predictions is dropped. Null without snapshots.
 */
export function legacyCheckpoint(
  now: Instant,
  settings: {
    readonly interval_seconds: number;
    readonly last_period_end: Instant | null;
    readonly ranking_key: string;
    readonly ranking_direction: string;
  },
  snapshots: readonly LegacySnapshot[],
  models: readonly LegacyModel[],
) {
  const period_start = settings.last_period_end ?? addSeconds(now, -settings.interval_seconds);
  const covered = snapshots.filter((taken) => taken.period_end >= period_start && taken.period_start <= now);
  if (covered.length === 0) return null;
  const sign = settings.ranking_direction === 'desc' ? -1 : 1;
  const ranking = [...groupBy(covered, ({ model_id }) => model_id)]
    .flatMap(([model_id, own]) => {
      const prediction_count = own.reduce((sum, taken) => sum + taken.prediction_count, 0);
      if (prediction_count === 0) return [];
      const model = models.find(({ id }) => id === model_id);
      return [
        {
          model_id,
          model_name: model?.name ?? null,
          cruncher_name: model?.player_name ?? null,
          prediction_count,
          snapshot_count: own.length,
          result_summary: weighted(own, prediction_count),
        },
      ];
    })
    .map((entry) => ({ entry, value: entry.result_summary[settings.ranking_key] ?? 0 }))
    .sort((a, b) => sign * (a.value - b.value))
    .map(({ entry }, i) => ({ ...entry, rank: i + 1 }));
  return { id: checkpointId(now), period_start, period_end: now, snapshot_count: covered.length, ranking };
}

/** A snapshot that lacks a key counts as 0 there. */
function weighted(snapshots: readonly LegacySnapshot[], total: number): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { result_summary, prediction_count } of snapshots) {
    for (const [key, value] of Object.entries(result_summary)) {
      if (typeof value !== 'number' && typeof value !== 'boolean') continue;
      sums.set(key, (sums.get(key) ?? 0) + Number(value) * (prediction_count / total));
    }
  }
  return Object.fromEntries(sums);
}
