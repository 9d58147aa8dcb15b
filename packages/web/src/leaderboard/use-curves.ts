import { useQueries } from '@tanstack/react-query';
import { useCurrentKey } from '../api/key.ts';
import { get, REFRESH_MS } from '../api/use-api.ts';
import type { Ranked } from './ranking.ts';

/** Rows are asked for in groups of fixed places, so that scrolling a little asks for nothing new. */
const GROUP = 25;
const POINTS = 30;

/** The course of a metric for the rows in sight. */
export function useCurves(
  rows: readonly Ranked[],
  first: number,
  last: number,
  metric: string,
  asOf: string | undefined,
): ReadonlyMap<string, readonly number[]> {
  const key = useCurrentKey();
  const groups: string[][] = [];
  for (let group = Math.floor(first / GROUP); last >= 0 && group <= Math.floor(last / GROUP); group++) {
    const ids = rows.slice(group * GROUP, (group + 1) * GROUP).map(({ entry }) => entry.model_id);
    // In one order: the same models in other places are the same request.
    if (ids.length > 0) groups.push(ids.sort());
  }
  return useQueries({
    queries: groups.map((projectIds) => ({
      queryKey: ['curves', projectIds, asOf, key],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        get(
          '/reports/models/metrics',
          {
            query: {
              projectIds,
              points: POINTS,
              include_ensembles: true,
              ...(asOf !== undefined && { as_of: asOf, end: asOf }),
            },
          },
          signal,
        ),
      staleTime: REFRESH_MS,
      refetchInterval: REFRESH_MS * 2,
    })),
    combine: (answers) => {
      const curves = new Map<string, number[]>();
      for (const { data } of answers) {
        for (const row of data?.rows ?? []) {
          const value = (row as unknown as Record<string, unknown>)[metric];
          if (typeof value !== 'number') continue;
          const curve = curves.get(row.model_id);
          if (curve === undefined) curves.set(row.model_id, [value]);
          else curve.push(value);
        }
      }
      return curves;
    },
  });
}
