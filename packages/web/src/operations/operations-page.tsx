import { useApi } from '../api/use-api.ts';
import { Facts } from '../parts/facts.tsx';
import { bytes, count, duration, number, percent, utc } from '../parts/format.ts';
import { Panel } from '../parts/panel.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { type Activity, groupsOf, type Stage, type Status, stagesOf, summary } from './pipeline.ts';

const LOOK_MS = 5_000;

/** The pipeline for those who run it: the same data as `crunch-node status`. */
export default function OperationsPage() {
  const status = useApi('/operations/status', {}, { every: LOOK_MS });
  return (
    <>
      <h1>Operations</h1>
      <Panel title="Pipeline" loaded={status}>
        {(found) => <Pipeline status={found} />}
      </Panel>
      {status.data !== undefined && (
        <>
          <Panel title="Owners" loaded={status}>
            {({ stages }) => <Owners stages={stagesOf(stages)} />}
          </Panel>
          <Panel title="Projections" loaded={status}>
            {(found) => <Projections status={found} />}
          </Panel>
        </>
      )}
      <DeadLetters />
      {status.data !== undefined && (
        <div className="columns">
          <Panel title="Streams" loaded={status}>
            {({ streams }) => <Streams streams={streams} />}
          </Panel>
          <Panel title="Resources of this process" loaded={status}>
            {({ process, instances }) => (
              <Facts
                facts={[
                  ['Processor', percent(process.cpu_percent, 0), true],
                  ['Memory', bytes(process.memory_bytes), true],
                  ['Up for', duration(process.uptime_seconds), true],
                  ['Machine', process.host],
                  ['Process', String(process.pid)],
                  ...Object.entries(instances).map(([name, n]) => [`Instances of ${name}`, count(n)] as const),
                ]}
              />
            )}
          </Panel>
        </div>
      )}
    </>
  );
}

function Pipeline({ status }: { status: Status }) {
  const projections = status.projections ?? [];
  const behind = Math.max(0, ...projections.map(({ behind_seconds }) => behind_seconds ?? 0));
  const tables = projections.some(({ activity }) => activity === 'frozen') ? 'frozen' : behind > 0 ? 'working' : 'idle';
  return (
    <>
      <p className="leader">{summary(status)}</p>
      <ol className="pipeline">
        {stagesOf(status.stages).map((stage) => (
          <Box
            key={stage.service}
            name={stage.service}
            activity={stage.activity}
            behind={stage.behind_seconds}
            note={`reached ${utc(stage.reached)}`}
          />
        ))}
        <Box
          name="projections"
          activity={status.postgres === null ? tables : 'frozen'}
          behind={status.postgres === null ? behind : null}
          note={status.postgres ?? `${count(projections.length)} read models`}
        />
      </ol>
      <p className="quiet">
        Behind is in event time: how much of the competition’s time lies between the newest cycle of the feeds and what
        a stage has closed.
      </p>
    </>
  );
}

const Box = (props: { name: string; activity: Activity; behind: number | null; note: string }) => (
  <li className={`stage ${props.activity}`}>
    <strong>{props.name}</strong>
    <State activity={props.activity} />
    <span className="behind">{props.behind === null ? '–' : duration(props.behind)}</span>
    <small className="quiet">behind · {props.note}</small>
  </li>
);

const State = ({ activity }: { activity: Activity }) => (
  <span className={`state ${activity}`}>{activity === 'unowned' ? 'no owner' : activity}</span>
);

const Owners = ({ stages }: { stages: readonly Stage[] }) => (
  <Scroll label="Owners of partitions">
    <table>
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <th scope="col">Partition</th>
          <th scope="col">State</th>
          <th scope="col">Reached (UTC)</th>
          <th scope="col" className="number">
            Behind
          </th>
          <th scope="col" className="number">
            Messages
          </th>
          <th scope="col" className="number">
            A second
          </th>
          <th scope="col">Owner</th>
          <th scope="col">Waits for</th>
        </tr>
      </thead>
      <tbody>
        {stages.flatMap(({ service, partitions }) =>
          groupsOf(partitions).map(({ row, names }) => (
            <tr key={`${service} ${names}`}>
              <th scope="row">{service}</th>
              <td>{names}</td>
              <td>
                <State activity={row.activity} />
                {row.activity === 'frozen' && row.still_seconds !== null && ` for ${duration(row.still_seconds)}`}
              </td>
              <td>{utc(row.reached)}</td>
              <td className="number">{row.behind_seconds === null ? '–' : duration(row.behind_seconds)}</td>
              <td className="number">{row.behind_messages === null ? '–' : count(row.behind_messages)}</td>
              <td className="number">{number(row.messages_per_second, 0)}</td>
              <td>{row.owner ?? 'none'}</td>
              <td className="text">{row.waits_for.join(', ')}</td>
            </tr>
          )),
        )}
      </tbody>
    </table>
  </Scroll>
);

function Projections({ status: { projections, postgres, generations } }: { status: Status }) {
  if (projections === null) return <p className="fault">Postgres cannot be asked: {postgres}</p>;
  const others = generations.filter(({ slot }) => slot !== 'current');
  return (
    <>
      <Scroll label="Projections">
        <table>
          <thead>
            <tr>
              <th scope="col">Projection</th>
              <th scope="col">Stream</th>
              <th scope="col">State</th>
              <th scope="col" className="number">
                Position
              </th>
              <th scope="col" className="number">
                Messages behind
              </th>
              <th scope="col">Reached (UTC)</th>
              <th scope="col" className="number">
                There in
              </th>
            </tr>
          </thead>
          <tbody>
            {projections.map((row) => (
              <tr key={row.projection}>
                <th scope="row">{row.projection}</th>
                <td>{row.stream}</td>
                <td>
                  <State activity={row.activity} />
                </td>
                <td className="number">{count(row.position)}</td>
                <td className="number">{count(row.behind_messages ?? 0)}</td>
                <td>{utc(row.reached)}</td>
                <td className="number">
                  {row.activity === 'idle' || row.catch_up_seconds === null ? '–' : duration(row.catch_up_seconds)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <h3>Rebuilds</h3>
      {others.length === 0 ? (
        <p className="quiet">None runs, and nothing replaced is kept.</p>
      ) : (
        <Scroll label="Rebuilds">
          <table>
            <tbody>
              {others.map(({ projection, slot, version, stage, began_at, keep_until }) => (
                <tr key={`${projection} ${slot}`}>
                  <th scope="row">{projection}</th>
                  <td>{slot === 'next' ? 'being built' : 'replaced, kept'}</td>
                  <td>version {version}</td>
                  <td>{stage}</td>
                  <td>since {utc(began_at)}</td>
                  <td>{keep_until === null ? '' : `until ${utc(keep_until)}`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </>
  );
}

const Streams = ({ streams }: { streams: Status['streams'] }) => (
  <Scroll label="Streams">
    <table>
      <thead>
        <tr>
          <th scope="col">Stream</th>
          <th scope="col" className="number">
            Messages
          </th>
          <th scope="col" className="number">
            Last
          </th>
          <th scope="col" className="number">
            Size
          </th>
        </tr>
      </thead>
      <tbody>
        {streams.map(({ stream, messages, last, bytes: size }) => (
          <tr key={stream}>
            <th scope="row">{stream}</th>
            <td className="number">{count(messages)}</td>
            <td className="number">{count(last)}</td>
            <td className="number">{bytes(size)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </Scroll>
);
