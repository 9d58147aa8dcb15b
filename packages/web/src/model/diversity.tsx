import { useMemo } from 'react';
import { Link } from 'wouter';
import { useApi } from '../api/use-api.ts';
import { scoredRounds } from '../leaderboard/compare.ts';
import { nameOf } from '../leaderboard/ranking.ts';
import { Facts } from '../parts/facts.tsx';
import { count, number, percent, utc } from '../parts/format.ts';
import { Panel } from '../parts/panel.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { neighboursOf } from './neighbours.ts';

/** Of the board, the models compared with: those around it. More would be more rounds than an answer holds. */
const COMPARED = 30;
const ROUNDS = 5_000;
const SHOWN = 8;

/** How a model differs from the others, and what would help. */
export function Diversity({ id }: { id: string }) {
  const feedback = useApi('/reports/models/{model_id}/diversity', { path: { model_id: id } });
  return (
    <div className="columns">
      <Panel title="Contribution and guidance" loaded={feedback}>
        {({ metrics, diversity_score, guidance, snapshot_period_end }) => (
          <>
            <Facts
              facts={[
                ['Diversity', number(diversity_score, 2), true],
                ['Contribution', number(metrics.contribution), true],
                ['Correlation with models', number(metrics.model_correlation, 2)],
                ['Correlation with the ensemble', number(metrics.ensemble_correlation, 2)],
                ['Feature-neutral correlation', number(metrics.fnc)],
                ['IC', number(metrics.ic)],
              ]}
            />
            <h3>Guidance</h3>
            <ul>
              {guidance.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
            <p className="quiet">From its snapshot of {utc(snapshot_period_end)} UTC.</p>
          </>
        )}
      </Panel>
      <Neighbours id={id} />
    </div>
  );
}

function Neighbours({ id }: { id: string }) {
  const board = useApi('/reports/leaderboard', {});
  const entries = board.data?.rows ?? [];
  const place = Math.max(
    0,
    entries.findIndex(({ model_id }) => model_id === id),
  );
  const first = Math.max(0, Math.min(place - COMPARED / 2, entries.length - COMPARED));
  const near = entries.slice(first, first + COMPARED).map(({ model_id }) => model_id);
  const projectIds = [...new Set([id, ...near])].sort();
  const loaded = useApi(
    '/reports/predictions',
    { query: { projectIds, status: 'SCORED', limit: ROUNDS } },
    { isOff: entries.length === 0, every: 60_000 },
  );
  const rows = loaded.data?.rows;
  const neighbours = useMemo(() => neighboursOf(id, scoredRounds(rows ?? [])), [id, rows]);
  const names = new Map(entries.map((entry) => [entry.model_id, nameOf(entry)]));
  return (
    <Panel
      title="Nearest by correlation of scores"
      loaded={loaded}
      empty={{ when: () => neighbours.length === 0, text: 'Too few rounds were scored together with other models.' }}
    >
      {() => (
        <Scroll label="Nearest models">
          <table>
            <thead>
              <tr>
                <th scope="col">Model</th>
                <th scope="col" className="number">
                  Correlation
                </th>
                <th scope="col" className="number">
                  Shared rounds
                </th>
                <th scope="col" className="number">
                  This one better
                </th>
              </tr>
            </thead>
            <tbody>
              {neighbours.slice(0, SHOWN).map(({ model_id, correlation, rounds, wins }) => (
                <tr key={model_id}>
                  <th scope="row" className="name">
                    <Link href={`/model/${encodeURIComponent(model_id)}`}>
                      <bdi>{names.get(model_id) ?? model_id}</bdi>
                    </Link>
                  </th>
                  <td className="number">{number(correlation, 2)}</td>
                  <td className="number">{count(rounds)}</td>
                  <td className="number">{percent((100 * wins) / rounds)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}
