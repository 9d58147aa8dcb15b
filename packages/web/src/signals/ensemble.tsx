import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useCurrentKey } from '../api/key.ts';
import { type Answer, useApi } from '../api/use-api.ts';
import { useLive } from '../api/use-live.ts';
import { nameOf } from '../leaderboard/ranking.ts';
import { Age } from '../parts/age.tsx';
import { Chart } from '../parts/chart.tsx';
import { Facts } from '../parts/facts.tsx';
import { FirstRows } from '../parts/first-rows.tsx';
import { count, number, percent, utc } from '../parts/format.ts';
import { LiveBadge } from '../parts/live-badge.tsx';
import { Panel } from '../parts/panel.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { linesOf } from '../parts/series.ts';
import { firstNumber, Values } from '../parts/values.tsx';
import { CopyText } from './copy-text.tsx';
import { snippets } from './snippets.ts';

type Signal = Answer<'/signals/ensemble/{name}'>['scopes'][number];
const HISTORY = 500;
const MEMBERS = 8;

export function Ensemble({ name }: { name: string }) {
  const latest = useApi('/signals/ensemble/{name}', { path: { name } });
  const history = useApi('/signals/ensemble/{name}/history', { path: { name }, query: { limit: HISTORY } });
  const models = useApi('/reports/models', {}, { every: 60_000 });
  const names = useMemo(
    () => new Map((models.data?.rows ?? []).map((model) => [model.model_id, nameOf(model)])),
    [models.data],
  );
  const key = useCurrentKey();
  return (
    <>
      <Panel title="Now" loaded={latest} aside={null}>
        {({ scopes }, fetched) => <Now name={name} scopes={scopes} fetched={fetched} />}
      </Panel>
      <div className="columns">
        <Panel title="Members" loaded={latest}>
          {({ weights, weights_cycle_end }) => <Members weights={weights} cycleEnd={weights_cycle_end} names={names} />}
        </Panel>
        <Panel
          title="Weights over time"
          loaded={history}
          empty={{ when: (rows) => rows.length === 0, text: 'It has not signalled yet.' }}
        >
          {(rows) => <Weights rows={rows} names={names} />}
        </Panel>
      </div>
      <section className="panel" aria-labelledby="subscribe">
        <header>
          <h2 id="subscribe">Subscribe</h2>
        </header>
        {snippets(name, location.origin, key !== '').map((snippet) => (
          <CopyText key={snippet.title} {...snippet} />
        ))}
        <p>
          <a href="/docs/signals.html">Everything about signals</a>: payload, order, duplicates, resuming.
        </p>
      </section>
    </>
  );
}

/** The newest signal of each scope; each new one as it is published. */
function Now(props: {
  name: string;
  scopes: readonly Signal[];
  fetched: { eventTime: string | null; fetchedAt: number };
}) {
  const { name, scopes, fetched } = props;
  const [live, setLive] = useState<ReadonlyMap<string, { signal: Signal; fetchedAt: number }>>(new Map());
  const state = useLive(`/live/signals/${encodeURIComponent(name)}`, (event, data) => {
    if (event !== 'signal') return;
    const signal = data as Signal;
    setLive((old) => new Map(old).set(signal.scope_key, { signal, fetchedAt: Date.now() }));
  });
  return (
    <>
      <LiveBadge state={state} />
      <Scroll label="Newest signals">
        <table>
          <thead>
            <tr>
              <th scope="col">Scope</th>
              <th scope="col" className="number">
                Signal
              </th>
              <th scope="col">Of (UTC)</th>
              <th scope="col">Due (UTC)</th>
              <th scope="col" className="number">
                Members
              </th>
              <th scope="col">Age</th>
            </tr>
          </thead>
          <tbody>
            {scopes.map((scope) => {
              const newer = live.get(scope.scope_key);
              const isNewer = newer !== undefined && newer.signal.performed_at > scope.performed_at;
              const { signal, performed_at, resolvable_at, scope_key, weights } = isNewer ? newer.signal : scope;
              const isOne = Object.keys(signal).length === 1;
              return (
                <tr key={scope_key}>
                  <th scope="row">
                    <bdi>{scope_key}</bdi>
                  </th>
                  <td className="number">{isOne ? number(firstNumber(signal)) : <Values of={signal} />}</td>
                  <td>{utc(performed_at, true)}</td>
                  <td>{utc(resolvable_at)}</td>
                  <td className="number">{count(Object.keys(weights).length)}</td>
                  <td>
                    <Age eventTime={null} fetchedAt={isNewer ? newer.fetchedAt : fetched.fetchedAt} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </>
  );
}

function Members(props: {
  weights: Readonly<Record<string, number>>;
  cycleEnd: string | null;
  names: ReadonlyMap<string, string>;
}) {
  const { weights, cycleEnd, names } = props;
  const members = Object.entries(weights).sort(([, a], [, b]) => b - a);
  return (
    <>
      <Facts
        facts={[
          ['Members', count(members.length)],
          ['Weights of the cycle up to', cycleEnd === null ? 'all count the same' : `${utc(cycleEnd)} UTC`],
        ]}
      />
      <FirstRows rows={members} what="members" first={20}>
        {(shown) => (
          <Scroll label="Members">
            <table>
              <thead>
                <tr>
                  <th scope="col">Model</th>
                  <th scope="col" className="number">
                    Weight
                  </th>
                </tr>
              </thead>
              <tbody>
                {shown.map(([id, weight]) => (
                  <tr key={id}>
                    <th scope="row" className="name">
                      <Link href={`/model/${encodeURIComponent(id)}`}>
                        <bdi>{names.get(id) ?? id}</bdi>
                      </Link>
                    </th>
                    <td className="number">
                      <meter min={0} max={1} value={weight} aria-label={`Weight of ${names.get(id) ?? id}`} />{' '}
                      <span className="share">{percent(100 * weight)}</span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
      </FirstRows>
    </>
  );
}

type Past = Answer<'/signals/ensemble/{name}/history'>[number];

/** Of those that weigh most now. Of several scopes at one time the weights are the same. */
function Weights({ rows, names }: { rows: readonly Past[]; names: ReadonlyMap<string, string> }) {
  const lines = useMemo(() => {
    const newest = Object.entries(rows[0]?.weights ?? {})
      .sort(([, a], [, b]) => b - a)
      .slice(0, MEMBERS);
    const shown = new Set(newest.map(([id]) => id));
    const points = rows.flatMap(({ performed_at, weights }) =>
      Object.entries(weights).map(([id, weight]) => ({ performed_at, id, weight })),
    );
    return linesOf(
      points.filter(({ id }) => shown.has(id)),
      ({ performed_at }) => performed_at,
      ({ id }) => names.get(id) ?? id,
      ({ weight }) => weight,
    );
  }, [rows, names]);
  return <Chart label="Weights of the members over time" {...lines} digits={3} />;
}
