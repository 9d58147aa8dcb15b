import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useCurrentKey } from '../api/key.ts';
import { send, useApi } from '../api/use-api.ts';
import { Action } from '../parts/action.tsx';
import { Button, Choose } from '../parts/controls.tsx';
import { count, millis, percent, utc } from '../parts/format.ts';
import { Panel } from '../parts/panel.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { type Feed, feedId } from './feeds.tsx';

const JOBS = '/reports/backfill/jobs';
const JOBS_MS = 3_000;
const GAPS = '/data/backfill/{source}/{subject}/{kind}/{granularity}/gaps';
const FILES = '/data/backfill/index';
const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** The past of a feed in files: what is there, what is missing, and what fetches it. */
export function Archive() {
  const feeds = useApi('/reports/feeds', {}, { every: 60_000 });
  const [chosen, choose] = useState('');
  const rows = feeds.data?.rows ?? [];
  const feed = rows.find((each) => feedId(each) === chosen) ?? rows[0];
  return (
    <>
      <Panel title="Archive" loaded={feeds} empty={{ when: (all) => all.length === 0, text: 'There is no feed.' }}>
        {(all) =>
          feed !== undefined && (
            <>
              <div className="tools">
                <Choose
                  label="Feed"
                  value={feedId(feed)}
                  options={all.map((each) => ({ value: feedId(each), text: feedId(each) }))}
                  onChange={choose}
                />
              </div>
              <Order key={feedId(feed)} feed={feed} />
            </>
          )
        }
      </Panel>
      {feed !== undefined && (
        <div className="columns">
          <Gaps key={feedId(feed)} feed={feed} />
          <Files />
        </div>
      )}
      <Jobs />
    </>
  );
}

/** Has the past of a feed fetched. */
function Order({ feed: { source, subject, kind, granularity, oldest_ts } }: { feed: Feed }) {
  const oldest = oldest_ts === null ? Date.now() : millis(oldest_ts);
  const [start, setStart] = useState(dayOf(oldest - 7 * 86_400_000));
  const [end, setEnd] = useState(dayOf(oldest));
  const order = { source, subject, kind, granularity, start, end };
  const queries = useQueryClient();
  return (
    <Action onDone={() => void queries.invalidateQueries({ queryKey: [JOBS] })}>
      {(run) => (
        <>
          <label className="field">
            <span>From (UTC)</span>
            <input type="text" value={start} onChange={({ target }) => setStart(target.value)} />
          </label>
          <label className="field">
            <span>To (UTC)</span>
            <input type="text" value={end} onChange={({ target }) => setEnd(target.value)} />
          </label>
          <Button onPress={() => run(() => send('POST', '/reports/backfill', order))}>Fetch into the archive</Button>
        </>
      )}
    </Action>
  );
}

function Gaps({ feed: { source, subject, kind, granularity } }: { feed: Feed }) {
  const path = { source, subject, kind, granularity };
  const loaded = useApi(GAPS, { path }, { every: 60_000 });
  return (
    <Panel title="Gaps" loaded={loaded} missing="Nothing of this feed is in the archive.">
      {({ gaps, gap_count, present, missing, start, end }) => (
        <>
          <p>
            {present === 0
              ? 'Nothing of this feed is in the archive.'
              : `${count(present)} records from ${utc(start)} to ${utc(end)}; ${missing === null ? 'an unknown number' : count(missing)} missing in ${count(gap_count)} gaps.`}
          </p>
          {gaps.length > 0 && (
            <Scroll label="Gaps">
              <table>
                <thead>
                  <tr>
                    <th scope="col">From (UTC)</th>
                    <th scope="col">To (UTC)</th>
                    <th scope="col" className="number">
                      Missing
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {gaps.slice(0, 50).map((gap) => (
                    <tr key={gap.start}>
                      <td>{utc(gap.start)}</td>
                      <td>{utc(gap.end)}</td>
                      <td className="number">{gap.missing === null ? '–' : count(gap.missing)}</td>
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

function Files() {
  const loaded = useApi(FILES, {}, { every: 60_000 });
  return (
    <Panel title="Files" loaded={loaded} empty={{ when: (rows) => rows.length === 0, text: 'The archive is empty.' }}>
      {(rows) => (
        <Scroll label="Files of the archive">
          <table>
            <thead>
              <tr>
                <th scope="col">File</th>
                <th scope="col" className="number">
                  Records
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(-100).map(({ path, records }) => (
                <tr key={path}>
                  <td className="text">
                    <a href={`/data/backfill/${path}`}>{path}</a>
                  </td>
                  <td className="number">{count(records)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}

const ENDED = new Set(['completed']);
const FAILED = new Set(['failed', 'cancelled']);

function Jobs() {
  const key = useCurrentKey();
  const loaded = useApi(JOBS, {}, { every: JOBS_MS });
  const queries = useQueryClient();
  const written = loaded.data?.rows.reduce((sum, { records_written }) => sum + records_written, 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what a job writes is in the files and no longer a gap
  useEffect(() => {
    for (const path of [GAPS, FILES]) void queries.invalidateQueries({ queryKey: [path] });
  }, [written, queries]);
  return (
    <Panel
      title="Backfill jobs"
      loaded={loaded}
      empty={{ when: (rows) => rows.length === 0, text: 'Nothing was ordered yet.' }}
      aside={key === '' && <span className="quiet">changes need the key where one is set</span>}
    >
      {(rows) => (
        <Scroll label="Backfill jobs">
          <table>
            <thead>
              <tr>
                <th scope="col">Feed</th>
                <th scope="col">Span (UTC)</th>
                <th scope="col">Status</th>
                <th scope="col" className="number">
                  Progress
                </th>
                <th scope="col" className="number">
                  Records
                </th>
                <th scope="col">
                  <span className="hidden">Changes</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((job) => (
                <tr key={job.id}>
                  <th scope="row">{feedId(job)}</th>
                  <td>
                    {utc(job.start_ts)} to {utc(job.end_ts)}
                  </td>
                  <td className="text">
                    {job.status}
                    {job.error !== null && <span className="quiet">: {job.error}</span>}
                  </td>
                  <td className="number">{percent(progressOf(job), 0)}</td>
                  <td className="number">{count(job.records_written)}</td>
                  <td>
                    <Action onDone={loaded.retry}>
                      {(run) =>
                        ENDED.has(job.status) ? null : (
                          <Button
                            onPress={() =>
                              run(() =>
                                send(
                                  'POST',
                                  `/reports/backfill/jobs/${job.id}/${FAILED.has(job.status) ? 'retry' : 'cancel'}`,
                                ),
                              )
                            }
                          >
                            {FAILED.has(job.status) ? 'Take up again' : 'Cancel'}
                          </Button>
                        )
                      }
                    </Action>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}

function progressOf(job: { status: string; start_ts: string; end_ts: string; cursor_ts: string | null }): number {
  if (job.status === 'completed') return 100;
  if (job.cursor_ts === null) return 0;
  const [start, end, at] = [millis(job.start_ts), millis(job.end_ts), millis(job.cursor_ts)];
  return end <= start ? 0 : Math.min(100, Math.max(0, (100 * (at - start)) / (end - start)));
}
