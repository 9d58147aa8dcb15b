import { useMemo } from 'react';
import { type Answer, useApi } from '../api/use-api.ts';
import { Chart } from '../parts/chart.tsx';
import { Facts } from '../parts/facts.tsx';
import { count, millis, number, utc } from '../parts/format.ts';
import { Panel } from '../parts/panel.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { Values } from '../parts/values.tsx';

type Explanation = Answer<'/reports/predictions/{id}/explain'>;
type Evidence = Explanation['resolution']['records'][number];

/** How a score came to be, down to the candles and to the events of the log. */
export function Explain({ id }: { id: string }) {
  const loaded = useApi('/reports/predictions/{id}/explain', { path: { id }, query: { records: 100 } });
  return (
    <Panel title="Why this score" loaded={loaded} className="inner">
      {(found) => <Steps found={found} />}
    </Panel>
  );
}

function Steps({ found }: { found: Explanation }) {
  const { explanation, prediction, input, resolution, ground_truth, scoring, score, log, members } = found;
  return (
    <>
      <p>{explanation}</p>
      <ol className="steps">
        <li>
          <h3>It was asked</h3>
          <Facts
            isWide
            facts={[
              ['At', `${utc(prediction.performed_at, true)} UTC`],
              ['Scope', <Values key="scope" of={prediction.scope} />],
              [
                'Input',
                input.count === null ? 'not recorded' : `${count(input.count)} records of ${feedName(input.feed)}`,
              ],
              ['Last of them', input.last === null ? '–' : <Values key="last" of={input.last.values} />],
            ]}
          />
        </li>
        <li>
          <h3>It answered</h3>
          <Facts
            isWide
            facts={[
              ['Answer', <Values key="answer" of={prediction.inference_output} />],
              ['Took', prediction.exec_time_ms === null ? '–' : `${number(prediction.exec_time_ms, 1)} ms`],
              ...(prediction.reason === null ? [] : [['Reason', prediction.reason] as const]),
              ...(members === null ? [] : [['Members combined', count(members.length)] as const]),
            ]}
          />
        </li>
        <li>
          <h3>This happened</h3>
          <Candles resolution={resolution} />
          <Facts isWide facts={[['Ground truth', <Values key="truth" of={ground_truth} />]]} />
        </li>
        <li>
          <h3>So it was scored</h3>
          <Facts
            isWide
            facts={[
              ['Result', score === null ? 'not yet' : <Values key="result" of={score.result} />],
              ['Scorer', scoring.scorer ?? '–'],
              ['At the closing of', scoring.cycle_end === null ? '–' : `${utc(scoring.cycle_end, true)} UTC`],
              [
                'Configuration',
                scoring.config_hash === null ? '–' : <code key="hash">{scoring.config_hash.slice(0, 12)}</code>,
              ],
            ]}
          />
        </li>
      </ol>
      <details>
        <summary>The {log.length} events of the log this is derived from</summary>
        <Scroll label="Events of the log">
          <table>
            <tbody>
              {log.map(({ stream, sequence, event, about }) => (
                <tr key={`${stream} ${sequence} ${about}`}>
                  <td>
                    {stream}:{sequence}
                  </td>
                  <td>{event}</td>
                  <td>
                    <bdi>{about}</bdi>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </details>
    </>
  );
}

const feedName = (feed: Explanation['input']['feed']): string =>
  feed === null ? 'no feed' : [feed.source, feed.subject, feed.kind, feed.granularity].filter(Boolean).join(' ');

const FIELDS = ['open', 'high', 'low', 'close', 'volume', 'price', 'value'];

function Candles({ resolution: { entry, records, truncated, count: all } }: Pick<Explanation, 'resolution'>) {
  const rows = useMemo(
    () => [...(entry === null ? [] : [entry]), ...records.filter(({ id }) => id !== entry?.id)],
    [entry, records],
  );
  const lines = useMemo(
    () => ({ times: rows.map(({ at }) => millis(at)), series: [{ name: 'Price', values: rows.map(priceOf) }] }),
    [rows],
  );
  if (rows.length === 0) return <p className="quiet">No record of the feed lies in its horizon yet.</p>;
  const fields = FIELDS.filter((field) => rows.some(({ values }) => field in values));
  return (
    <>
      {rows.length > 2 && <Chart label="Price over the horizon" {...lines} height={150} digits={2} />}
      <Scroll label="Records of the horizon">
        <table>
          <thead>
            <tr>
              <th scope="col">Known at (UTC)</th>
              <th scope="col">Record</th>
              {fields.map((field) => (
                <th key={field} scope="col" className="number">
                  {field}
                </th>
              ))}
              <th scope="col" className="number">
                Log
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <td>{utc(row.at, true)}</td>
                <td>{row.id === entry?.id ? 'entry' : 'horizon'}</td>
                {fields.map((field) => (
                  <td key={field} className="number">
                    {number(row.values[field], 2)}
                  </td>
                ))}
                <td className="number">FEEDS:{row.sequence}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {truncated && (
        <p className="quiet">
          The first {records.length} of {count(all ?? records.length)} records.
        </p>
      )}
    </>
  );
}

function priceOf({ values }: Evidence): number | null {
  for (const field of ['close', 'price', 'value']) if (typeof values[field] === 'number') return values[field];
  return null;
}
