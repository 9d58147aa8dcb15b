import type { Answer } from '../api/use-api.ts';
import { digitsOf, titled } from '../parts/format.ts';
import type { Entry } from './ranking.ts';

export interface Metric {
  readonly name: string;
  readonly title: string;
  readonly digits: number;
  readonly isWindow: boolean;
  /** described by the competition: it has a column of its own */
  readonly isColumn: boolean;
  readonly tooltip: string | null;
}

const FIRST_METRIC_ORDER = 100;

/** What can be ranked by: windows and metrics the competition describes, then others its rows have. */
export function metricsOf(
  columns: readonly Answer<'/reports/schema/leaderboard-columns'>[number][],
  entries: readonly Entry[],
): readonly Metric[] {
  const known = columns
    .filter(({ type }) => type === 'VALUE')
    .sort((a, b) => a.order - b.order)
    .map(({ property, displayName, format, tooltip, order }) => ({
      name: property,
      title: displayName,
      digits: digitsOf(format),
      isWindow: order < FIRST_METRIC_ORDER,
      isColumn: true,
      tooltip,
    }));
  const names = new Set(known.map(({ name }) => name));
  const others = [...new Set(entries.slice(0, 50).flatMap(({ score_metrics }) => Object.keys(score_metrics)))]
    .filter((name) => !names.has(name))
    .map((name) => ({ name, title: titled(name), digits: 4, isWindow: false, isColumn: false, tooltip: null }));
  return [...known, ...others];
}
