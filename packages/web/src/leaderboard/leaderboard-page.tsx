import { useQueryClient } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { useCurrentKey } from '../api/key.ts';
import { useApi } from '../api/use-api.ts';
import { useLive } from '../api/use-live.ts';
import { Choose, Search, Toggle } from '../parts/controls.tsx';
import { count, millis } from '../parts/format.ts';
import { LiveBadge } from '../parts/live-badge.tsx';
import { Panel } from '../parts/panel.tsx';
import { BoardTable, MOST_COMPARED } from './board-table.tsx';
import { metricsOf } from './columns.ts';
import { ComparePanel } from './compare-panel.tsx';
import { Leader } from './leader.tsx';
import {
  changesSince,
  type Direction,
  type Entry,
  matching,
  publishedOrder,
  rankBy,
  usualDirection,
} from './ranking.ts';
import { TimeMachine } from './time-machine.tsx';
import type { WhatIf } from './what-if.ts';
import { WhatIfFile } from './what-if-file.tsx';

const SPANS = [
  { value: '600', text: '10 minutes' },
  { value: '3600', text: '1 hour' },
  { value: '86400', text: '1 day' },
  { value: '604800', text: '7 days' },
] as const;
type Span = (typeof SPANS)[number]['value'];
const NONE: readonly Entry[] = [];

export function LeaderboardPage() {
  const [ensembles, setEnsembles] = useState(false);
  const [asOf, setAsOf] = useState<number | null>(null);
  const [chosenMetric, setMetric] = useState('');
  const [chosenDirection, setDirection] = useState<Direction | ''>('');
  const [search, setSearch] = useState('');
  const [span, setSpan] = useState<Span>('3600');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [whatIf, openWhatIf] = useState<WhatIf | null>(null);

  const as_of = asOf === null ? undefined : new Date(asOf).toISOString();
  const asked = { query: { include_ensembles: ensembles, ...(as_of !== undefined && { as_of }) } };
  const board = useApi('/reports/leaderboard', asked);
  const columns = useApi('/reports/schema/leaderboard-columns', {}, { every: 60_000 });
  const feeds = useApi('/reports/feeds', {}, { every: 60_000 });
  const live = useLiveBoard(asked, as_of === undefined);

  const entries = board.data?.rows ?? NONE;
  const metrics = useMemo(() => metricsOf(columns.data?.rows ?? [], entries), [columns.data, entries]);
  const name = chosenMetric || publishedOrder(entries)?.metric || metrics[0]?.name || 'value';
  const metric = metrics.find((each) => each.name === name) ?? {
    name,
    title: name,
    digits: 4,
    isWindow: false,
    isColumn: false,
    tooltip: null,
  };
  const direction = chosenDirection || usualDirection(name, entries);
  const newest = entries[0]?.created_at;

  const before = newest === undefined ? undefined : new Date(millis(newest) - Number(span) * 1_000).toISOString();
  const earlier = useApi(
    '/reports/leaderboard',
    { query: { include_ensembles: ensembles, ...(before !== undefined && { as_of: before }) } },
    { isOff: before === undefined, every: 0 },
  );
  const ranked = useMemo(() => rankBy(entries, name, direction), [entries, name, direction]);
  const past = earlier.data?.rows;
  const changes = useMemo(
    () => (past === undefined || past.length === 0 ? new Map() : changesSince(ranked, rankBy(past, name, direction))),
    [ranked, past, name, direction],
  );
  const wanted = useDeferredValue(search);
  const rows = useMemo(() => matching(ranked, wanted), [ranked, wanted]);
  const compared = entries.filter(({ model_id }) => chosen.has(model_id));
  const oldest = feeds.data?.rows
    .map(({ oldest_ts }) => oldest_ts)
    .filter((ts) => ts !== null)
    .sort()[0];
  const newestSeen = Math.max(asOf ?? 0, newest === undefined ? 0 : millis(newest), live.newest);

  return (
    <>
      <h1>Leaderboard</h1>
      <Leader ranked={ranked} metric={metric} direction={direction} asOf={as_of} />
      <div className="tools">
        <Choose
          label="Rank by"
          value={name}
          options={metrics.map((each) => ({
            value: each.name,
            text: each.isWindow ? `${each.title} (window)` : each.title,
          }))}
          onChange={(value) => {
            setMetric(value);
            setDirection('');
          }}
        />
        <Choose<Direction>
          label="Best is"
          value={direction}
          options={[
            { value: 'desc', text: 'highest' },
            { value: 'asc', text: 'lowest' },
          ]}
          onChange={setDirection}
        />
        <Choose<Span> label="Change over" value={span} options={SPANS} onChange={setSpan} />
        <Search label="Find a model" value={search} onChange={setSearch} />
        <Toggle label="With ensembles" isOn={ensembles} onChange={setEnsembles} />
      </div>
      {oldest != null && newestSeen > 0 && (
        <TimeMachine from={millis(oldest)} to={newestSeen} asOf={asOf} onChange={setAsOf} />
      )}
      {compared.length >= 2 && (
        <ComparePanel models={compared} metric={metric} asOf={as_of} onClear={() => setChosen(new Set())} />
      )}
      <Panel
        title={as_of === undefined ? 'Ranking' : 'The ranking as it was'}
        loaded={board}
        empty={{
          when: (found) => found.length === 0,
          text:
            as_of === undefined
              ? 'Nothing is ranked yet: the first ranking comes when the first cycle with scored predictions closes.'
              : 'Nothing had been ranked at that time.',
        }}
        aside={as_of === undefined && <LiveBadge state={live.state} />}
      >
        {() => (
          <>
            <p className="quiet" role="status">
              {rows.length === ranked.length
                ? `${count(ranked.length)} models`
                : `${count(rows.length)} of ${count(ranked.length)} models`}
              {compared.length === 1 && ' · choose one to four more to compare'}
              {compared.length >= MOST_COMPARED && ' · five is the most that can be compared'}
            </p>
            <BoardTable
              rows={rows}
              metric={metric}
              others={metrics.filter((each) => each.isColumn && each.name !== name)}
              changes={changes}
              changeTitle={`Places won or lost over ${SPANS.find(({ value }) => value === span)?.text}`}
              chosen={chosen}
              onChoose={(id, isChosen) => setChosen((old) => toggled(old, id, isChosen))}
              otherwise={whatIf?.standings ?? null}
              asOf={as_of}
            />
          </>
        )}
      </Panel>
      <WhatIfFile open={whatIf} onOpen={openWhatIf} />
    </>
  );
}

/** Each ranking as it is decided takes the place of the one that was asked for. */
function useLiveBoard(asked: { query: { include_ensembles: boolean } }, isOn: boolean) {
  const queries = useQueryClient();
  const key = useCurrentKey();
  const [newest, setNewest] = useState(0);
  const path = isOn ? `/live/leaderboard?include_ensembles=${asked.query.include_ensembles}` : null;
  const state = useLive(path, (event, data) => {
    if (event !== 'leaderboard') return;
    const { entries, cycle_end } = data as { entries: Entry[]; cycle_end: string };
    setNewest(millis(cycle_end));
    queries.setQueryData(['/reports/leaderboard', asked, key], {
      rows: entries,
      eventTime: cycle_end,
      fetchedAt: Date.now(),
    });
  });
  return { state, newest };
}

function toggled(old: ReadonlySet<string>, id: string, isIn: boolean): ReadonlySet<string> {
  const ids = new Set(old);
  if (isIn) ids.add(id);
  else ids.delete(id);
  return ids;
}
