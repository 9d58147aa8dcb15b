import type { Series } from './chart.tsx';
import { millis } from './format.ts';

interface Row {
  readonly performed_at?: string;
  readonly [key: string]: unknown;
}

/**
 * Rows as lines over shared times.
 * @param lineOf name of the line a row belongs to; null: none
 */
export function linesOf<R extends object>(
  rows: readonly R[],
  timeOf: (row: R) => string,
  lineOf: (row: R) => string | null,
  numberOf: (row: R) => unknown,
): { readonly times: readonly number[]; readonly series: readonly Series[] } {
  const lines = new Map<string, Map<number, number>>();
  const all = new Set<number>();
  for (const row of rows) {
    const name = lineOf(row);
    const value = numberOf(row);
    if (name === null || typeof value !== 'number') continue;
    const at = millis(timeOf(row));
    all.add(at);
    const line = lines.get(name) ?? new Map<number, number>();
    line.set(at, value);
    lines.set(name, line);
  }
  const times = [...all].sort((a, b) => a - b);
  const series = [...lines].map(([name, line]) => ({ name, values: times.map((at) => line.get(at) ?? null) }));
  return { times, series };
}

/** A field of a row whose names depend on the competition. */
export const fieldOf = (row: object, name: string): unknown => (row as Row)[name];
