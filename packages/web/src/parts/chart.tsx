import { useEffect, useId, useRef, useState } from 'react';
import uPlot from 'uplot';
import { Scroll } from './scroll.tsx';
import 'uplot/dist/uPlot.min.css';
import { number, utc } from './format.ts';
import { useColours } from './theme.ts';

export interface Series {
  readonly name: string;
  /** one value per time; null where there is none */
  readonly values: readonly (number | null)[];
}

interface Props {
  /** what it shows, for those who do not see it */
  readonly label: string;
  /** unix milliseconds, ascending */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly height?: number;
  readonly digits?: number;
  /** draw single points instead of a line */
  readonly isPoints?: boolean;
}

/** Lines over time. The same numbers are in a table behind a button, for screen readers and for copying. */
export function Chart({ label, times, series, height = 240, digits = 4, isPoints = false }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const colours = useColours();
  const id = useId();
  const [hasTable, showTable] = useState(false);
  useEffect(() => {
    const parent = box.current;
    if (parent === null || times.length === 0) return undefined;
    const plot = new uPlot(
      {
        width: Math.max(200, parent.clientWidth),
        height,
        padding: [null, 28, null, null], // room for half of the last time
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC'),
        cursor: { points: { size: 6 } },
        legend: { live: true },
        scales: { x: { time: true } },
        axes: [
          { ...axis(colours), values: times24 },
          { ...axis(colours), size: 64, values: (_plot, ticks) => ticks.map((tick) => compact(tick)) },
        ],
        series: [
          { label: 'UTC', value: (_plot, seconds) => (seconds === null ? '–' : utc(seconds * 1_000)) },
          ...series.map(({ name }, i) => ({
            label: name,
            stroke: colours.series[i % colours.series.length] ?? colours.text,
            width: 1.5,
            spanGaps: true,
            points: { show: isPoints || times.length < 3, size: 6 },
            ...(isPoints && { paths: () => null }),
            value: (_plot: uPlot, value: number | null) => number(value, digits),
          })),
        ],
      },
      [times.map((time) => time / 1_000), ...series.map(({ values }) => [...values])] as uPlot.AlignedData,
      parent,
    );
    const resized = new ResizeObserver(() => plot.setSize({ width: Math.max(200, parent.clientWidth), height }));
    resized.observe(parent);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [times, series, height, digits, isPoints, colours]);

  if (times.length === 0) return <p className="quiet">Nothing to draw yet.</p>;
  return (
    <figure className="chart">
      <div ref={box} role="img" aria-label={label} aria-describedby={hasTable ? id : undefined} />
      <button type="button" className="link" aria-expanded={hasTable} onClick={() => showTable(!hasTable)}>
        {hasTable ? 'Hide the numbers' : 'Show as a table'}
      </button>
      {hasTable && (
        <Scroll label={`${label}, as a table`}>
          <table id={id}>
            <thead>
              <tr>
                <th scope="col">UTC</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col" className="number">
                    <bdi>{name}</bdi>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {times.slice(-200).map((time, row) => (
                <tr key={time}>
                  <td>{utc(time)}</td>
                  {series.map(({ name, values }) => (
                    <td key={name} className="number">
                      {number(values[Math.max(0, times.length - 200) + row], digits)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </figure>
  );
}

const compact = (tick: number): string =>
  Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 }).format(tick);

const DAY_SECONDS = 86_400;

/** Hours as the rest of the page has them; the date where it changes. */
function times24(_plot: uPlot, ticks: number[], _axis: number, _space: number, step: number): string[] {
  let date = '';
  return ticks.map((tick) => {
    const text = new Date(tick * 1_000).toISOString();
    const day = text.slice(0, 10);
    if (step >= DAY_SECONDS) return day;
    const time = text.slice(11, step < 60 ? 19 : 16);
    const shown = day === date ? time : `${time}\n${day}`;
    date = day;
    return shown;
  });
}

const axis = ({ text, line }: { text: string; line: string }) => ({
  stroke: text,
  grid: { stroke: line, width: 1 },
  ticks: { stroke: line, width: 1 },
  font: '12px system-ui, sans-serif',
});
