import { useApi } from '../api/use-api.ts';
import { FirstRows } from '../parts/first-rows.tsx';
import { count, duration, utc } from '../parts/format.ts';
import { Panel } from '../parts/panel.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { dueRounds, nextRounds } from './schedule.ts';

const PENDING = 5_000;
const RECENT = 500;
const SHOWN = 30;

/** Rounds that wait for their horizon, and when the next ones are asked. */
export function Rounds() {
  const pending = useApi('/reports/predictions', { query: { status: 'PENDING', limit: PENDING } });
  const recent = useApi('/reports/predictions', { query: { limit: RECENT } });
  const failures = useApi('/reports/failures', {}, { every: 60_000 });
  return (
    <>
      <div className="columns">
        <Panel
          title="To come"
          loaded={recent}
          empty={{ when: (rows) => rows.length === 0, text: 'No round has taken place in the last seven days.' }}
        >
          {(rows) => (
            <>
              <FirstRows rows={nextRounds(rows)} what="schedules" first={SHOWN}>
                {(shown) => (
                  <Scroll label="Rounds to come">
                    <table>
                      <thead>
                        <tr>
                          <th scope="col">Schedule</th>
                          <th scope="col">Last (UTC)</th>
                          <th scope="col">Every</th>
                          <th scope="col">Next (UTC)</th>
                        </tr>
                      </thead>
                      <tbody>
                        {shown.map(({ scope_key, last_at, every_seconds, next_at }) => (
                          <tr key={scope_key}>
                            <th scope="row">
                              <bdi>{scope_key}</bdi>
                            </th>
                            <td>{utc(last_at)}</td>
                            <td>{every_seconds === null ? '–' : duration(every_seconds)}</td>
                            <td>{utc(next_at)}</td>
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  </Scroll>
                )}
              </FirstRows>
              <p className="quiet">By the time between the last rounds.</p>
            </>
          )}
        </Panel>
        <Panel
          title="Due"
          loaded={pending}
          empty={{ when: (rows) => rows.length === 0, text: 'Every round that took place has been scored.' }}
        >
          {(rows) => {
            const due = dueRounds(rows);
            return (
              <>
                <p className="quiet">
                  {count(due.length)} {due.length === 1 ? 'round waits' : 'rounds wait'} for what really happens.
                </p>
                <Scroll label="Rounds due">
                  <table>
                    <thead>
                      <tr>
                        <th scope="col">Schedule</th>
                        <th scope="col">Asked (UTC)</th>
                        <th scope="col">Due (UTC)</th>
                        <th scope="col" className="number">
                          Predictions
                        </th>
                      </tr>
                    </thead>
                    <tbody>
                      {due.slice(0, SHOWN).map(({ scope_key, performed_at, due_at, predictions }) => (
                        <tr key={`${performed_at} ${scope_key}`}>
                          <th scope="row">
                            <bdi>{scope_key}</bdi>
                          </th>
                          <td>{utc(performed_at)}</td>
                          <td>{utc(due_at)}</td>
                          <td className="number">{count(predictions)}</td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </Scroll>
              </>
            );
          }}
        </Panel>
      </div>
      <Panel
        title="Why answers and scores failed"
        loaded={failures}
        empty={{ when: (rows) => rows.length === 0, text: 'None failed in the last day.' }}
      >
        {(rows) => (
          <Scroll label="Failures">
            <table>
              <thead>
                <tr>
                  <th scope="col">What</th>
                  <th scope="col">Reason</th>
                  <th scope="col" className="number">
                    Times
                  </th>
                  <th scope="col" className="number">
                    Models
                  </th>
                  <th scope="col">Such as</th>
                </tr>
              </thead>
              <tbody>
                {rows.map(({ what, reason, times, models, example, example_name }) => (
                  <tr key={`${what} ${reason}`}>
                    <td>{what}</td>
                    <td className="text">
                      <bdi>{reason}</bdi>
                    </td>
                    <td className="number">{count(times)}</td>
                    <td className="number">{count(models)}</td>
                    <td>
                      <bdi>{example_name ?? example}</bdi>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
      </Panel>
    </>
  );
}
