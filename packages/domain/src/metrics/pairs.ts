import type { MetricInput } from './metric.ts';

export interface Pairs {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Two series of one length without the places where either is missing. */
export function pairsOf(a: ArrayLike<number>, b: ArrayLike<number>): Pairs {
  const n = Math.min(a.length, b.length);
  const x: number[] = [];
  const y: number[] = [];
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(a[i]) || !Number.isFinite(b[i])) continue;
    x.push(a[i]!);
    y.push(b[i]!);
  }
  return { x, y };
}

export const predictionsAndActuals = ({ predictions, actuals }: MetricInput): Pairs => pairsOf(predictions, actuals);

export const finite = (values: ArrayLike<number>): number[] => Array.from(values).filter(Number.isFinite);
