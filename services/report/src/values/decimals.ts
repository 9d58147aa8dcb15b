import type { ReportConfig } from '../route-context.ts';

/** Column → magnitude of its numbers: the median of those that are not 0, without their sign. */
export type Magnitudes = Readonly<Record<string, number>>;

/** Digits that distinguish numbers, the first of them not 0. */
const SIGNIFICANT = 3;
const MOST = 10;

/** @param rows the numbers of one ranking */
export function magnitudesOf(rows: readonly Readonly<Record<string, number | null>>[]): Magnitudes {
  const sizes = new Map<string, number[]>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      if (value === null || value === 0 || !Number.isFinite(value)) continue;
      const known = sizes.get(name);
      if (known === undefined) sizes.set(name, [Math.abs(value)]);
      else known.push(Math.abs(value));
    }
  }
  return Object.fromEntries(
    [...sizes].map(([name, found]) => [name, found.sort((a, b) => a - b)[Math.floor(found.length / 2)]!]),
  );
}

/**
 * The format the UI draws numbers of a column with: the decimals that are configured, else as many as are usual, or
 * more where the numbers are so small that these would show no difference.
 */
export function formatOf(
  column: string,
  usual: number,
  { decimals = {} }: Pick<ReportConfig, 'decimals'>,
  magnitudes: Magnitudes,
): string {
  if (Object.hasOwn(decimals, column)) return `decimal-${decimals[column]}`;
  const size = Object.hasOwn(magnitudes, column) ? magnitudes[column]! : 1;
  const leading = Math.floor(Math.log10(size));
  return `decimal-${leading >= -1 ? usual : Math.min(MOST, Math.max(usual, SIGNIFICANT - 1 - leading))}`;
}

/** One format for several lines of a chart: that of the finest. */
export const finestFormat = (formats: readonly string[], usual: number): string =>
  `decimal-${Math.max(usual, ...formats.map((format) => Number(format.slice('decimal-'.length))))}`;
