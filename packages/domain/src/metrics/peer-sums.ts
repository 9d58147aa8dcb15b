import type { PeerSeries } from './peer-series.ts';

export interface PeerSums {
  readonly sums: Float64Array;
  /** rounding errors of the sums */
  readonly rests: Float64Array;
  readonly counts: Uint32Array;
}

export function peerSums(peers: readonly PeerSeries[], length: number): PeerSums {
  const sums = new Float64Array(length);
  const rests = new Float64Array(length);
  const counts = new Uint32Array(length);
  for (const { predictions } of peers) {
    const to = Math.min(length, predictions.length);
    for (let i = 0; i < to; i++) {
      const value = predictions[i]!;
      if (value - value !== 0) continue;
      const sum = sums[i]! + value;
      rests[i]! += restOf(sums[i]!, value, sum);
      sums[i] = sum;
      counts[i]! += 1;
    }
  }
  return { sums, rests, counts };
}

/** Mean prediction of each round; not finite where no model had one. */
export function meanOfAll({ sums, rests, counts }: PeerSums): Float64Array {
  return sums.map((sum, i) => dividedBy(sum, rests[i]!, counts[i]!));
}

/** The same without one of the models. */
export function meanWithout({ sums, rests, counts }: PeerSums, own: ArrayLike<number>): Float64Array {
  const averages = new Float64Array(sums.length);
  for (let i = 0; i < averages.length; i++) {
    const value = own[i] ?? Number.NaN;
    if (value - value !== 0) averages[i] = dividedBy(sums[i]!, rests[i]!, counts[i]!);
    else {
      const sum = sums[i]! - value;
      averages[i] = dividedBy(sum, rests[i]! + restOf(sums[i]!, -value, sum), counts[i]! - 1);
    }
  }
  return averages;
}

/** The rounding error of `sum = a + b` (Knuth's exact error of an addition). */
function restOf(a: number, b: number, sum: number): number {
  const added = sum - a;
  return a - (sum - added) + (b - added);
}

/** `(sum + rest) / count`, rounded once. */
function dividedBy(sum: number, rest: number, count: number): number {
  if (count === 0) return Number.NaN;
  const whole = sum + rest;
  const lost = rest - (whole - sum);
  const quotient = whole / count;
  return quotient + (remainder(whole, quotient, count) + lost) / count;
}

/** `whole - quotient * count` exactly: a count has few bits, so the two halves of the quotient times it have no error. */
function remainder(whole: number, quotient: number, count: number): number {
  const scaled = quotient * 0x8000001;
  const high = scaled - (scaled - quotient);
  const low = quotient - high;
  return whole - high * count - low * count;
}
