import { useMemo } from 'react';
import { useApi } from '../api/use-api.ts';
import { Chart } from '../parts/chart.tsx';
import { Button } from '../parts/controls.tsx';
import { number, percent } from '../parts/format.ts';
import { Panel } from '../parts/panel.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { fieldOf, linesOf } from '../parts/series.ts';
import type { Metric } from './columns.ts';
import { compare, scoredRounds, scoresByModel } from './compare.ts';
import { type Entry, nameOf } from './ranking.ts';

interface Props {
  readonly models: readonly Entry[];
  readonly metric: Metric;
  readonly asOf: string | undefined;
  readonly onClear: () => void;
}

const POINTS = 300;
const ROUNDS_OF_ALL = 5_000;

/** Curves of two to five models, and each pair over the rounds both were scored in. */
export function ComparePanel({ models, metric, asOf, onClear }: Props) {
  const projectIds = models.map(({ model_id }) => model_id);
  const names = new Map(models.map((entry) => [entry.model_id, nameOf(entry)]));
  const until = asOf === undefined ? {} : { end: asOf };
  const curves = useApi('/reports/models/metrics', {
    query: {
      projectIds,
      points: POINTS,
      include_ensembles: true,
      ...until,
      ...(asOf !== undefined && { as_of: asOf }),
    },
  });
  const rounds = useApi('/reports/predictions', {
    query: { projectIds, limit: ROUNDS_OF_ALL, status: 'SCORED', ...until },
  });
  const rows = curves.data?.rows;
  // biome-ignore lint/correctness/useExhaustiveDependencies: names change with the models of the rows
  const lines = useMemo(
    () =>
      linesOf(
        rows ?? [],
        ({ performed_at }) => performed_at,
        ({ model_id }) => names.get(model_id) ?? null,
        (row) => fieldOf(row, metric.name),
      ),
    [rows, metric.name],
  );
  return (
    <div className="compare">
      <Panel
        title={`Comparing ${models.length} models: ${metric.title}`}
        loaded={curves}
        aside={<Button onPress={onClear}>Clear</Button>}
      >
        {() => <Chart label={`${metric.title} of the chosen models over time`} {...lines} digits={metric.digits} />}
      </Panel>
      <Panel
        title="Head to head"
        loaded={rounds}
        empty={{ when: (found) => found.length === 0, text: 'None of their rounds has been scored yet.' }}
      >
        {(found) => <HeadToHead ids={projectIds} names={names} rows={found} />}
      </Panel>
    </div>
  );
}

function HeadToHead(props: {
  ids: readonly string[];
  names: ReadonlyMap<string, string>;
  rows: Parameters<typeof scoredRounds>[0];
}) {
  const { ids, names, rows } = props;
  const scores = useMemo(() => scoresByModel(scoredRounds(rows)), [rows]);
  const none = new Map<string, number>();
  const pairs = ids.flatMap((a, i) =>
    ids.slice(i + 1).map((b) => ({ a, b, ...compare(scores.get(a) ?? none, scores.get(b) ?? none) })),
  );
  return (
    <Scroll label="Head to head">
      <table>
        <thead>
          <tr>
            <th scope="col">Pair</th>
            <th scope="col" className="number">
              Shared rounds
            </th>
            <th scope="col" className="number">
              First better
            </th>
            <th scope="col" className="number">
              Second better
            </th>
            <th scope="col" className="number">
              Correlation of scores
            </th>
          </tr>
        </thead>
        <tbody>
          {pairs.map(({ a, b, rounds, wins, losses, correlation }) => (
            <tr key={`${a} ${b}`}>
              <th scope="row" className="name pair">
                <bdi>{names.get(a)}</bdi> <span className="quiet">and</span> <bdi>{names.get(b)}</bdi>
              </th>
              <td className="number">{rounds}</td>
              <td className="number">{rounds === 0 ? '–' : percent((100 * wins) / rounds)}</td>
              <td className="number">{rounds === 0 ? '–' : percent((100 * losses) / rounds)}</td>
              <td className="number">{number(correlation, 2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
