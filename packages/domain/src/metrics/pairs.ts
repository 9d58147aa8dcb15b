import type { MetricInput } from './metric.ts';

export interface Pairs {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/**
 * Two series of one length without the places where either is missing. Series without gaps come back as they are, so
 * that what is found out about one (its ranks) serves every pair it is part of.
 */
export function pairsOf(a: ArrayLike<number>, b: ArrayLike<number>): Pairs {
  if (a instanceof Float64Array && b instanceof Float64Array && a.length === b.length && isWhole(a) && isWhole(b)) {
    return { x: a, y: b };
  }
  const n = Math.min(a.length, b.length);
  const x = new Float64Array(n);
  const y = new Float64Array(n);
  let count = 0;
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(a[i]) || !Number.isFinite(b[i])) continue;
    x[count] = a[i]!;
    y[count] = b[i]!;
    count += 1;
  }
  return count === n ? { x, y } : { x: x.slice(0, count), y: y.slice(0, count) };
}

const whole = new WeakMap<Float64Array, boolean>();

/** Series are never written to once they are made. */
function isWhole(series: Float64Array): boolean {
  let known = whole.get(series);
  if (known === undefined) {
    known = series.every(Number.isFinite);
    whole.set(series, known);
  }
  return known;
}

export const predictionsAndActuals = ({ predictions, actuals }: MetricInput): Pairs => pairsOf(predictions, actuals);

export const finite = (values: ArrayLike<number>): Float64Array => Float64Array.from(values).filter(Number.isFinite);
