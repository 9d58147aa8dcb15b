/** Rankings as they are shown: by any metric, in either direction, and what has changed since an earlier one. */
import type { Answer } from '../api/use-api.ts';

export type Entry = Answer<'/reports/leaderboard'>[number];
export type Direction = 'desc' | 'asc';

export interface Ranked {
  readonly entry: Entry;
  readonly rank: number;
  readonly value: number | null;
}

export const metricOf = ({ score_metrics }: Entry, metric: string): number | null => {
  const value = score_metrics[metric];
  return typeof value === 'number' ? value : null;
};

/** Of a model; its id where the name has nothing that can be seen. */
export const nameOf = ({ model_name, model_id }: { model_name?: string | null; model_id: string }): string =>
  model_name == null || !/[^\p{C}\p{Z}]/u.test(model_name) ? model_id : model_name;

/** The metric the competition ranks by, and its direction. */
export function publishedOrder(entries: readonly Entry[]): { metric: string; direction: Direction } | null {
  const ranking = entries[0]?.score_ranking;
  return ranking?.key === undefined
    ? null
    : { metric: ranking.key, direction: ranking.direction === 'asc' ? 'asc' : 'desc' };
}

const LOW_IS_BETTER = new Set(['turnover', 'model_correlation', 'ensemble_correlation']);

export function usualDirection(metric: string, entries: readonly Entry[]): Direction {
  const published = publishedOrder(entries);
  if (published?.metric === metric) return published.direction;
  return LOW_IS_BETTER.has(metric) ? 'asc' : 'desc';
}

/** By the published ranks where that is the order asked for; else by the metric, without a value last. */
export function rankBy(entries: readonly Entry[], metric: string, direction: Direction): Ranked[] {
  const published = publishedOrder(entries);
  const rows = entries.map((entry) => ({ entry, value: metricOf(entry, metric) }));
  if (published?.metric === metric && published.direction === direction) {
    return rows.map((row) => ({ ...row, rank: row.entry.rank })).sort((a, b) => a.rank - b.rank);
  }
  const sign = direction === 'desc' ? -1 : 1;
  rows.sort((a, b) => {
    if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
    return sign * (a.value - b.value) || a.entry.rank - b.entry.rank;
  });
  return rows.map((row, i) => ({ ...row, rank: i + 1 }));
}

/** Places won since an earlier board; null for a model that was not in it. */
export function changesSince(now: readonly Ranked[], earlier: readonly Ranked[]): ReadonlyMap<string, number | null> {
  const before = new Map(earlier.map(({ entry, rank }) => [entry.model_id, rank]));
  return new Map(
    now.map(({ entry, rank }) => {
      const was = before.get(entry.model_id);
      return [entry.model_id, was === undefined ? null : was - rank];
    }),
  );
}

/** What is typed is looked for in name, participant and id, whatever the case. */
export function matching(rows: readonly Ranked[], text: string): readonly Ranked[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return rows;
  return rows.filter(({ entry: { model_name, cruncher_name, model_id } }) =>
    [model_name, cruncher_name, model_id].some((part) => part?.toLowerCase().includes(wanted)),
  );
}

export interface Point {
  readonly model_id: string;
  readonly at: number;
  readonly value: number | null;
}

/**
 * Since when a model has been first among those whose curves are given; null: it is not first in the newest values.
 * @param points of all of them, in any order
 */
export function leadingSince(leader: string, points: readonly Point[], direction: Direction): number | null {
  const times = [...new Set(points.map(({ at }) => at))].sort((a, b) => b - a);
  const byTime = new Map<number, Point[]>();
  for (const point of points) byTime.set(point.at, [...(byTime.get(point.at) ?? []), point]);
  const sign = direction === 'desc' ? 1 : -1;
  let since: number | null = null;
  for (const at of times) {
    const values = byTime.get(at) ?? [];
    const own = values.find(({ model_id }) => model_id === leader)?.value ?? null;
    if (own === null) break;
    const isBeaten = values.some(
      ({ model_id, value }) => model_id !== leader && value !== null && sign * (value - own) > 0,
    );
    if (isBeaten) break;
    since = at;
  }
  return since;
}
