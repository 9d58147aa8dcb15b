import { useMemo } from 'react';
import { Link } from 'wouter';
import { useApi } from '../api/use-api.ts';
import { duration, millis, number, utc } from '../parts/format.ts';
import { fieldOf } from '../parts/series.ts';
import type { Metric } from './columns.ts';
import { type Direction, leadingSince, nameOf, type Ranked } from './ranking.ts';

interface Props {
  readonly ranked: readonly Ranked[];
  readonly metric: Metric;
  readonly direction: Direction;
  readonly asOf: string | undefined;
}

const RIVALS = 10;
const POINTS = 400;

/** Who leads, and since when, in a sentence. */
export function Leader({ ranked, metric, direction, asOf }: Props) {
  const [first] = ranked;
  const rivals = ranked
    .slice(0, RIVALS)
    .map(({ entry }) => entry.model_id)
    .sort();
  const curves = useApi('/reports/models/metrics', {
    query: {
      projectIds: rivals,
      points: POINTS,
      include_ensembles: true,
      ...(asOf !== undefined && { as_of: asOf, end: asOf }),
    },
  });
  const rows = curves.data?.rows;
  const leader = first?.entry.model_id;
  const since = useMemo(() => {
    if (rows === undefined || leader === undefined) return null;
    const points = rows.map((row) => {
      const value = fieldOf(row, metric.name);
      return { model_id: row.model_id, at: millis(row.performed_at), value: typeof value === 'number' ? value : null };
    });
    return leadingSince(leader, points, direction);
  }, [rows, leader, metric.name, direction]);
  if (first === undefined || first.value === null) return null;
  const { entry, value } = first;
  return (
    <p className="leader">
      <Link href={`/model/${encodeURIComponent(entry.model_id)}`}>
        <bdi>{nameOf(entry)}</bdi>
      </Link>{' '}
      {asOf === undefined ? 'leads' : 'led'} by {metric.title}, with {number(value, metric.digits)}
      {since !== null && (
        <>
          , since <time dateTime={new Date(since).toISOString()}>{utc(since)} UTC</time>
          {sinceText(since, millis(entry.created_at))}
        </>
      )}
      .
    </p>
  );
}

const sinceText = (since: number, at: number): string => (at > since ? ` (for ${duration((at - since) / 1_000)})` : '');
