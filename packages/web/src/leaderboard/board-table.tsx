import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { number } from '../parts/format.ts';
import { Scroll } from '../parts/scroll.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import type { Metric } from './columns.ts';
import { metricOf, nameOf, type Ranked } from './ranking.ts';
import { useCurves } from './use-curves.ts';
import type { OtherStanding } from './what-if.ts';

interface Props {
  readonly rows: readonly Ranked[];
  readonly metric: Metric;
  readonly others: readonly Metric[];
  readonly changes: ReadonlyMap<string, number | null>;
  readonly changeTitle: string;
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (id: string, isChosen: boolean) => void;
  /** of a what-if; null: none is open */
  readonly otherwise: ReadonlyMap<string, OtherStanding> | null;
  readonly asOf: string | undefined;
}

const ROW_PX = 44;
export const MOST_COMPARED = 5;

/** Only the rows in sight are in the page, however many there are. */
export function BoardTable(props: Props) {
  const { rows, metric, others, changes, changeTitle, chosen, onChoose, otherwise, asOf } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measured = (): void => setTop((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    measured();
    const resized = new ResizeObserver(measured);
    resized.observe(document.body);
    return () => resized.disconnect();
  }, []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_PX,
    overscan: 8,
    scrollMargin: top,
    getItemKey: (i) => rows[i]?.entry.model_id ?? i,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? -1;
  const before = (items[0]?.start ?? top) - top;
  const after = virtual.getTotalSize() - ((items.at(-1)?.end ?? top) - top);
  const curves = useCurves(rows, first, last, metric.name, asOf);
  const width = 5 + others.length + (otherwise === null ? 0 : 2);

  return (
    <Scroll className="board" label="Leaderboard, scrolls sideways">
      <table aria-rowcount={rows.length + 1}>
        <caption className="hidden">Models by {metric.title}</caption>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">
              <span className="hidden">Compare</span>
            </th>
            <th scope="col">Rank</th>
            <th scope="col" className="model">
              Model
            </th>
            <th scope="col" className="number" aria-sort="other">
              {metric.title}
            </th>
            <th scope="col">Course</th>
            {otherwise !== null && (
              <>
                <th scope="col" className="number">
                  What-if rank
                </th>
                <th scope="col" className="number">
                  What-if score
                </th>
              </>
            )}
            {others.map(({ name, title, tooltip }) => (
              <th key={name} scope="col" className="number wide" title={tooltip ?? undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {before > 0 && <Gap px={before} width={width} />}
          {items.map(({ index, key }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const { entry, rank, value } = row;
            const id = entry.model_id;
            const other = otherwise?.get(id);
            return (
              <tr key={key} aria-rowindex={index + 2}>
                <td className="pick">
                  <input
                    type="checkbox"
                    aria-label={`Compare ${nameOf(entry)}`}
                    checked={chosen.has(id)}
                    disabled={!chosen.has(id) && chosen.size >= MOST_COMPARED}
                    onChange={({ target }) => onChoose(id, target.checked)}
                  />
                </td>
                <td className="rank" title={changeTitle}>
                  {rank} <Change places={changes.get(id)} />
                </td>
                <th scope="row" className="name">
                  <span className={`dot ${entry.status}`} aria-hidden="true" />
                  <Link href={`/model/${encodeURIComponent(id)}`} title={nameOf(entry)}>
                    <bdi>{nameOf(entry)}</bdi>
                  </Link>
                  {entry.status === 'inactive' && <span className="quiet"> away</span>}
                  <small className="quiet">
                    <bdi>{entry.cruncher_name}</bdi>
                  </small>
                </th>
                <td className="number value">{number(value, metric.digits)}</td>
                <td>
                  <Sparkline values={curves.get(id) ?? []} label={`Course of ${metric.title}`} />
                </td>
                {otherwise !== null && (
                  <>
                    <td className="number">
                      {other?.rank ?? '–'} {other?.rank != null && <Change places={rank - other.rank} />}
                    </td>
                    <td className="number">{number(other?.score, metric.digits)}</td>
                  </>
                )}
                {others.map(({ name, digits }) => (
                  <td key={name} className="number wide">
                    {number(metricOf(entry, name), digits)}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <Gap px={after} width={width} />}
        </tbody>
      </table>
    </Scroll>
  );
}

/** Rows that are not in sight. */
const Gap = ({ px, width }: { px: number; width: number }) => (
  <tr className="gap">
    <td colSpan={width} style={{ height: px }} />
  </tr>
);

function Change({ places }: { places: number | null | undefined }) {
  if (places === undefined) return <span className="quiet">–</span>;
  if (places === null) return <span className="change new">new</span>;
  if (places === 0)
    return (
      <span className="quiet" title="no change">
        =
      </span>
    );
  const isUp = places > 0;
  return (
    <span className={`change ${isUp ? 'up' : 'down'}`}>
      <span aria-hidden="true">{isUp ? '▲' : '▼'}</span>
      <span className="hidden">{isUp ? 'up' : 'down'} </span>
      {Math.abs(places)}
    </span>
  );
}
