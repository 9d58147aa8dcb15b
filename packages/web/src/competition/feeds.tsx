import { useState } from 'react';
import { type Answer, useApi } from '../api/use-api.ts';
import { FirstRows } from '../parts/first-rows.tsx';
import { ago, count, millis, utc } from '../parts/format.ts';
import { useNow } from '../parts/now.ts';
import { Panel } from '../parts/panel.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { Values } from '../parts/values.tsx';

export type Feed = Answer<'/reports/feeds'>[number];
export const feedId = ({
  source,
  subject,
  kind,
  granularity,
}: Pick<Feed, 'source' | 'subject' | 'kind' | 'granularity'>): string => `${source} ${subject} ${kind} ${granularity}`;

const TAIL = 12;
const TAIL_MS = 5_000;

/** What comes in, with the newest records as they come. */
export function Feeds() {
  const loaded = useApi('/reports/feeds', {}, { every: TAIL_MS });
  const [chosen, choose] = useState<string | null>(null);
  const feeds = loaded.data?.rows ?? [];
  const feed = feeds.find((each) => feedId(each) === chosen) ?? feeds[0];
  return (
    <>
      <Panel
        title="Feeds"
        loaded={loaded}
        empty={{ when: (rows) => rows.length === 0, text: 'No record has come in yet. A tournament has no feed.' }}
      >
        {(rows) => (
          <FirstRows rows={rows} what="feeds">
            {(shown) => (
              <Scroll label="Feeds">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">Feed</th>
                      <th scope="col" className="number">
                        Records
                      </th>
                      <th scope="col" className="number">
                        Late
                      </th>
                      <th scope="col">From (UTC)</th>
                      <th scope="col">Newest (UTC)</th>
                      <th scope="col">Received</th>
                      <th scope="col">
                        <span className="hidden">Tail</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {shown.map((each) => (
                      <tr key={feedId(each)}>
                        <th scope="row">
                          <bdi>{each.subject}</bdi>{' '}
                          <small className="quiet">
                            {each.source} {each.kind} {each.granularity}
                          </small>
                        </th>
                        <td className="number">{count(each.record_count)}</td>
                        <td className="number">{count(each.late_count)}</td>
                        <td>{utc(each.oldest_ts)}</td>
                        <td>{utc(each.newest_ts)}</td>
                        <td>
                          <Since time={each.watermark_updated_at} />
                        </td>
                        <td>
                          <button
                            type="button"
                            className="link"
                            aria-pressed={feed === each}
                            onClick={() => choose(feedId(each))}
                          >
                            {feed === each ? 'Shown below' : 'Show'}
                          </button>
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Scroll>
            )}
          </FirstRows>
        )}
      </Panel>
      {feed !== undefined && <Tail key={feedId(feed)} feed={feed} />}
    </>
  );
}

function Since({ time }: { time: string | null }) {
  const now = useNow();
  return <>{time === null ? '–' : ago(Math.max(0, (now - millis(time)) / 1_000))}</>;
}

function Tail({ feed: { source, subject, kind, granularity } }: { feed: Feed }) {
  const query = { source, subject, kind, granularity, limit: TAIL };
  const loaded = useApi('/reports/feeds/tail', { query }, { every: TAIL_MS });
  return (
    <Panel title={`Newest records of ${subject}`} loaded={loaded}>
      {(rows) => (
        <Scroll label={`Newest records of ${subject}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time (UTC)</th>
                <th scope="col">Values</th>
                <th scope="col">Received (UTC)</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ ts_event, ts_ingested, values }) => (
                <tr key={ts_event + JSON.stringify(values)}>
                  <td>{utc(ts_event)}</td>
                  <td>
                    <Values of={values} />
                  </td>
                  <td>{utc(ts_ingested, true)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}
