import { useMemo, useState } from 'react';
import { useApi } from '../api/use-api.ts';
import { metricsOf } from '../leaderboard/columns.ts';
import { Chart } from '../parts/chart.tsx';
import { Choose } from '../parts/controls.tsx';
import { Panel } from '../parts/panel.tsx';
import { fieldOf, linesOf } from '../parts/series.ts';

const POINTS = 400;
const DAYS = [
  { value: '1', text: 'a day' },
  { value: '7', text: '7 days' },
  { value: '30', text: '30 days' },
] as const;
type Days = (typeof DAYS)[number]['value'];
const NONE: readonly never[] = [];

/** Rolling windows, a metric, and the score in each scope, over time. */
export function Curves({ id, name }: { id: string; name: string }) {
  const [days, setDays] = useState<Days>('7');
  const [chosen, setChosen] = useState('');
  const columns = useApi('/reports/schema/leaderboard-columns', {}, { every: 60_000 });
  const newest = useApi('/reports/snapshots', { query: { model_id: id, limit: 1 } });
  const metrics = metricsOf(columns.data?.rows ?? NONE, NONE);
  const windows = metrics.filter(({ isWindow }) => isWindow);
  const others = metrics.filter(({ isWindow }) => !isWindow);
  const metric = others.find((each) => each.name === chosen) ?? others[0];

  const end = newest.data?.rows[0]?.period_end;
  const start =
    end === undefined ? undefined : new Date(Date.parse(`${end}Z`) - Number(days) * 86_400_000).toISOString();
  const span = { projectIds: [id], points: POINTS, include_ensembles: true, ...(start !== undefined && { start }) };
  const curves = useApi('/reports/models/metrics', { query: span });
  const scopes = useApi('/reports/models/params', { query: span });

  const rows = curves.data?.rows ?? NONE;
  const shownWindows = windows.map((each) => each.name).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the windows by their names
  const rolling = useMemo(() => {
    const byTime = rows.flatMap((row) => windows.map((each) => ({ row, each })));
    return linesOf(
      byTime,
      ({ row }) => row.performed_at,
      ({ each }) => each.title,
      ({ row, each }) => fieldOf(row, each.name),
    );
  }, [rows, shownWindows]);
  const one = useMemo(
    () =>
      linesOf(
        rows,
        ({ performed_at }) => performed_at,
        () => metric?.title ?? null,
        (row) => fieldOf(row, metric?.name ?? ''),
      ),
    [rows, metric?.name, metric?.title],
  );
  const scopeRows = scopes.data?.rows ?? NONE;
  const byScope = useMemo(
    () =>
      linesOf(
        scopeRows,
        ({ performed_at }) => performed_at,
        ({ scope_key }) => scope_key,
        ({ score_ranking }) => score_ranking.value,
      ),
    [scopeRows],
  );
  const empty = { when: (found: readonly unknown[]) => found.length === 0, text: 'Nothing was scored in this span.' };
  return (
    <>
      <div className="tools">
        <Choose<Days> label="Over" value={days} options={DAYS} onChange={setDays} />
      </div>
      <Panel title="Score in rolling windows" loaded={curves} empty={empty}>
        {() => <Chart label={`Rolling score of ${name}`} {...rolling} />}
      </Panel>
      <div className="columns">
        <Panel
          title={metric === undefined ? 'Metric' : metric.title}
          loaded={curves}
          empty={empty}
          aside={
            metric !== undefined && (
              <Choose
                label="Metric"
                value={metric.name}
                options={others.map((each) => ({ value: each.name, text: each.title }))}
                onChange={setChosen}
              />
            )
          }
        >
          {() => (
            <Chart
              label={`${metric?.title ?? 'Metric'} of ${name}`}
              {...one}
              {...(metric && { digits: metric.digits })}
            />
          )}
        </Panel>
        <Panel title="Score by scope" loaded={scopes} empty={empty}>
          {() => <Chart label={`Score of ${name} by scope`} {...byScope} />}
        </Panel>
      </div>
    </>
  );
}
