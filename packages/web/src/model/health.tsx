import { useApi } from '../api/use-api.ts';
import { Facts } from '../parts/facts.tsx';
import { count, number, percent, utc } from '../parts/format.ts';
import { Panel } from '../parts/panel.tsx';
import { Scroll } from '../parts/scroll.tsx';

/** Whether it is there, how fast it answers, what went wrong last. */
export function Health({ id }: { id: string }) {
  const loaded = useApi('/reports/models/{model_id}/status', { path: { model_id: id } });
  return (
    <Panel title="Health" loaded={loaded}>
      {({ alive, state, failure_reason, joined_at, left_at, last_seen_at, calls, latency_ms, last_errors }) => (
        <>
          <Facts
            facts={[
              [
                'State',
                <span key="s" className={alive ? 'good' : 'bad'}>
                  {alive ? 'connected' : (state ?? 'away')}
                </span>,
                true,
              ],
              ['Usable answers', calls.success_rate === null ? '–' : percent(100 * calls.success_rate), true],
              ['Latency, median', ms(latency_ms.p50), true],
              ['Latency, p95', ms(latency_ms.p95), true],
              ['Latency, p99', ms(latency_ms.p99), true],
              ['Rounds looked at', count(calls.rounds)],
              ['Failed', count(calls.failed)],
              ['Too late', count(calls.timed_out)],
              ['Not usable', count(calls.invalid)],
              ['Absent', count(calls.absent)],
              ['Joined', `${utc(joined_at)} UTC`],
              ...(left_at === null ? [] : [['Left', `${utc(left_at)} UTC`] as const]),
              ['Last usable answer', `${utc(last_seen_at)} UTC`],
              ...(failure_reason === null ? [] : [['Failure', failure_reason] as const]),
            ]}
          />
          <h3>Last errors</h3>
          {last_errors.length === 0 ? (
            <p className="quiet">None in these rounds.</p>
          ) : (
            <Scroll label="Last errors">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Asked (UTC)</th>
                    <th scope="col">State</th>
                    <th scope="col">Reason</th>
                  </tr>
                </thead>
                <tbody>
                  {last_errors.map(({ prediction_id, performed_at, status, runner_status, reason }) => (
                    <tr key={prediction_id}>
                      <td>{utc(performed_at, true)}</td>
                      <td>{(runner_status ?? status).toLowerCase()}</td>
                      <td className="text">
                        <bdi>{reason ?? '–'}</bdi>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
          )}
        </>
      )}
    </Panel>
  );
}

const ms = (value: number | null): string => (value === null ? '–' : `${number(value, value < 10 ? 1 : 0)} ms`);
