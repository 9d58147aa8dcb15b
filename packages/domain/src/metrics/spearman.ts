import type { MetricProfile } from './metric.ts';

/** Rank correlation of two series; 0 with fewer than two pairs or without variance. Always in [-1, 1]. */
export function spearman(x: readonly number[], y: readonly number[], profile: MetricProfile): number {
  const n = Math.min(x.length, y.length);
  if (n < 2) return 0;
  return correlation(ranksOf(x, n, profile), ranksOf(y, n, profile));
}

/** Ranks 0 .. n-1 of the first n values. */
export const ranksOf = (values: readonly number[], n: number, profile: MetricProfile): Float64Array =>
  profile === 'default' ? averageRanks(values, n) : ordinalRanks(values, n);

/** Typed arrays sort numbers natively, so sorting values and looking each one up beats sorting indices. */
function averageRanks(values: readonly number[], n: number): Float64Array {
  const ranks = Float64Array.from(n === values.length ? values : values.slice(0, n));
  const sorted = ranks.slice().sort();
  for (let i = 0; i < n; i++) {
    const value = ranks[i]!;
    const from = countBelow(sorted, value);
    let to = from + 1;
    while (to < n && sorted[to] === value) to++;
    ranks[i] = (from + to - 1) / 2;
  }
  return ranks;
}

function countBelow(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function ordinalRanks(values: readonly number[], n: number): Float64Array {
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(n);
  for (const [rank, i] of order.entries()) ranks[i] = rank;
  return ranks;
}

function correlation(x: Float64Array, y: Float64Array): number {
  const n = x.length;
  const mean = (n - 1) / 2;
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < n; i++) {
    const dx = x[i]! - mean;
    const dy = y[i]! - mean;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  if (Math.sqrt(xx) < 1e-12 || Math.sqrt(yy) < 1e-12) return 0;
  return Math.min(1, Math.max(-1, xy / Math.sqrt(xx * yy)));
}
