import { countBelow } from './count-below.ts';
import type { MetricProfile } from './metric.ts';

/** Rank correlation of two series; 0 with fewer than two pairs or without variance. Always in [-1, 1]. */
export function spearman(x: Float64Array, y: Float64Array, profile: MetricProfile): number {
  if (x.length < 2) return 0;
  return correlation(ranksOf(x, profile), ranksOf(y, profile));
}

/** Ranks 0 .. n-1. */
export const ranksOf = (values: Float64Array, profile: MetricProfile): Float64Array =>
  profile === 'legacy' ? ordinalRanks(values) : averageRanks(values);

/** Typed arrays sort numbers natively, so sorting values and looking each one up beats sorting indices. */
function averageRanks(values: Float64Array): Float64Array {
  const n = values.length;
  const sorted = values.slice().sort();
  return values.map((value) => {
    const from = countBelow(sorted, value);
    let to = from + 1;
    while (to < n && sorted[to] === value) to++;
    return (from + to - 1) / 2;
  });
}

function ordinalRanks(values: Float64Array): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
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
