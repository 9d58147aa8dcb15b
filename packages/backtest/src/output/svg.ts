/** Charts as SVG text. Names come escaped. */
import { type Instant, millisOf } from '@crunch-node/streams';
import type { Curve } from '../analysis/curves.ts';

const [WIDTH, HEIGHT, LEFT, TOP] = [640, 240, 60, 10];
const COLOURS = ['#3366cc', '#dc3912', '#109618', '#990099', '#ff9900', '#0099c6', '#dd4477', '#66aa00', '#b82e2e'];

const svg = (inner: string, height = HEIGHT + 30): string =>
  `<svg viewBox="0 0 ${WIDTH} ${height}" xmlns="http://www.w3.org/2000/svg" font-size="10">${inner}</svg>`;

const rounded = (value: number): string => value.toFixed(1);

/** Places of values between two bounds, from the bottom of a chart up. */
function scale(low: number, high: number): (value: number) => number {
  const range = high - low || 1;
  return (value) => TOP + (HEIGHT - TOP) * (1 - (value - low) / range);
}

const axis = (low: number, high: number, y: (value: number) => number): string =>
  [low, (low + high) / 2, high]
    .map(
      (value) =>
        `<line x1="${LEFT}" x2="${WIDTH}" y1="${rounded(y(value))}" y2="${rounded(y(value))}" stroke="#e3e6ea"/>` +
        `<text x="${LEFT - 4}" y="${rounded(y(value) + 3)}" text-anchor="end">${Number(value.toPrecision(4))}</text>`,
    )
    .join('');

export function lineChart(curves: readonly { readonly name: string; readonly points: Curve }[]): string {
  const all = curves.flatMap(({ points }) => points);
  if (all.length === 0) return svg(`<text x="${LEFT}" y="30">no values</text>`);
  const values = all.map(([, value]) => value);
  const times = all.map(([at]) => millisOf(at));
  const [low, high] = [least(values), most(values)];
  const [start, end] = [least(times), most(times)];
  const y = scale(low, high);
  const x = (at: Instant): number => LEFT + ((WIDTH - LEFT) * (millisOf(at) - start)) / (end - start || 1);
  const lines = curves.map(({ name, points }, i) => {
    const path = points.map(([at, value]) => `${rounded(x(at))},${rounded(y(value))}`).join(' ');
    const colour = COLOURS[i % COLOURS.length];
    const label = `<text x="${LEFT + 6 + (i % 4) * 145}" y="${HEIGHT + 12 + Math.floor(i / 4) * 12}" fill="${colour}">${name}</text>`;
    return `<polyline points="${path}" fill="none" stroke="${colour}"><title>${name}</title></polyline>${label}`;
  });
  return svg(axis(low, high, y) + lines.join(''), HEIGHT + 20 + 12 * Math.ceil(curves.length / 4));
}

/** @param bars `mark`: where a bar should end */
export function barChart(
  bars: readonly { readonly name: string; readonly value: number; readonly mark?: number }[],
): string {
  const high = Math.max(1, ...bars.map(({ value }) => value));
  const y = scale(0, high);
  const width = (WIDTH - LEFT) / Math.max(1, bars.length);
  const drawn = bars.map(({ name, value, mark }, i) => {
    const x = LEFT + i * width;
    const bar = `<rect x="${rounded(x + 1)}" y="${rounded(y(value))}" width="${rounded(Math.max(1, width - 2))}" height="${rounded(HEIGHT - y(value))}" fill="#3366cc"><title>${name}: ${value.toFixed(4)}</title></rect>`;
    const aim =
      mark === undefined
        ? ''
        : `<line x1="${rounded(x)}" x2="${rounded(x + width)}" y1="${rounded(y(mark))}" y2="${rounded(y(mark))}" stroke="#dc3912"/>`;
    return `${bar}${aim}<text x="${rounded(x + width / 2)}" y="${HEIGHT + 12}" text-anchor="middle">${name}</text>`;
  });
  return svg(axis(0, high, y) + drawn.join(''));
}

export interface Candle {
  readonly at: Instant;
  /** open, high, low, close */
  readonly values: readonly [number, number, number, number];
}

export function candleChart(candles: readonly Candle[], from: Instant, to: Instant): string {
  if (candles.length === 0) return svg(`<text x="${LEFT}" y="30">no candles</text>`);
  const low = least(candles.map(({ values }) => values[2]));
  const high = most(candles.map(({ values }) => values[1]));
  const y = scale(low, high);
  const width = (WIDTH - LEFT) / candles.length;
  const drawn = candles.map(({ at, values: [open, top, bottom, close] }, i) => {
    const x = LEFT + (i + 0.5) * width;
    const colour = at > from && at <= to ? '#dc3912' : '#5c6670';
    const body = Math.max(1, Math.abs(y(open) - y(close)));
    return (
      `<line x1="${rounded(x)}" x2="${rounded(x)}" y1="${rounded(y(top))}" y2="${rounded(y(bottom))}" stroke="${colour}"/>` +
      `<rect x="${rounded(x - width / 3)}" y="${rounded(Math.min(y(open), y(close)))}" width="${rounded((2 * width) / 3)}" height="${rounded(body)}" fill="${close >= open ? '#fff' : colour}" stroke="${colour}"><title>${at}</title></rect>`
    );
  });
  return svg(axis(low, high, y) + drawn.join(''));
}

const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
