import type { Ranking } from './metric.ts';

/** Rank correlation of two series of one length; 0 with fewer than two pairs or without variance. Always in [-1, 1]. */
export function spearman(x: readonly number[], y: readonly number[], ranking: Ranking): number {
  const n = Math.min(x.length, y.length);
  if (n < 2) return 0;
  return correlation(ranksOf(x, n, ranking), ranksOf(y, n, ranking));
}

/** Ranks 0 .. n-1 of the first n values. */
export function ranksOf(values: ArrayLike<number>, n: number, ranking: Ranking): Float64Array {
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  order.sort((a, b) => values[a]! - values[b]! || a - b);
  const ranks = new Float64Array(n);
  for (let from = 0; from < n; ) {
    let to = from + 1;
    if (ranking === 'average') while (to < n && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + to - 1) / 2;
    from = to;
  }
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
