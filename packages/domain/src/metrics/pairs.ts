import type { MetricInput } from './metric.ts';

export interface Pairs {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Two series without the places where either is missing; those without gaps come back as they are. */
export function pairsOf(a: ArrayLike<number>, b: ArrayLike<number>): Pairs {
  if (a.length === b.length && isWhole(a) && isWhole(b)) return { x: a, y: b };
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

const known = new WeakMap<MetricInput, Pairs>();

/** Found once for all metrics of a model. */
export function predictionsAndActuals(input: MetricInput): Pairs {
  let pairs = known.get(input);
  if (pairs === undefined) {
    pairs = pairsOf(input.predictions, input.actuals);
    known.set(input, pairs);
  }
  return pairs;
}

/** Infinities and NaN have no difference from themselves. */
function isWhole(values: ArrayLike<number>): values is Float64Array {
  if (!(values instanceof Float64Array)) return false;
  for (let i = 0; i < values.length; i++) if (values[i]! - values[i]! !== 0) return false;
  return true;
}

export function finite(values: ArrayLike<number>): Float64Array {
  if (isWhole(values)) return values;
  const kept = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) kept[count++] = values[i]!;
  return kept.subarray(0, count);
}

export function countFinite(values: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) count += 1;
  return count;
}
