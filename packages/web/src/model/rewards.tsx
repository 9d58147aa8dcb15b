import { useMemo } from 'react';
import { useApi } from '../api/use-api.ts';
import { Chart } from '../parts/chart.tsx';
import { count, percent, utc } from '../parts/format.ts';
import { Panel } from '../parts/panel.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { linesOf } from '../parts/series.ts';

/** What it earned, checkpoint by checkpoint. */
export function Rewards({ id }: { id: string }) {
  const loaded = useApi('/reports/checkpoints/rewards', { query: { model_id: id } });
  const rows = loaded.data?.rows;
  const lines = useMemo(
    () =>
      linesOf(
        rows ?? [],
        ({ period_end }) => period_end,
        () => 'Share in percent',
        ({ reward_pct }) => reward_pct,
      ),
    [rows],
  );
  return (
    <Panel
      title="Rewards"
      loaded={loaded}
      empty={{ when: (found) => found.length === 0, text: 'No checkpoint has rewarded it yet.' }}
    >
      {(found) => (
        <>
          {lines.times.length > 1 && <Chart label="Share of each checkpoint" {...lines} digits={2} height={180} />}
          <Scroll label="Rewards by checkpoint">
            <table>
              <thead>
                <tr>
                  <th scope="col">Checkpoint</th>
                  <th scope="col">Up to (UTC)</th>
                  <th scope="col" className="number">
                    Rank
                  </th>
                  <th scope="col" className="number">
                    Share
                  </th>
                  <th scope="col" className="number">
                    Predictions
                  </th>
                </tr>
              </thead>
              <tbody>
                {[...found].reverse().map(({ checkpoint_id, period_end, rank, reward_pct, prediction_count }) => (
                  <tr key={checkpoint_id}>
                    <th scope="row">{checkpoint_id}</th>
                    <td>{utc(period_end)}</td>
                    <td className="number">{rank}</td>
                    <td className="number">{reward_pct === null ? '–' : percent(reward_pct, 2)}</td>
                    <td className="number">{count(prediction_count)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </>
      )}
    </Panel>
  );
}
