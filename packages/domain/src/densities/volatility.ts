/**
 * The volatility term of crunch-synth 0.15.0: price paths are drawn from the densities of all resolutions, and the
 * deviation of their returns in blocks of the horizon is scored by its CRPS against the one that happened.
 */

import type { Density } from './density.ts';
import { DensityFault, Described } from './density-fault.ts';
import { drawn } from './draws.ts';
import { MersenneTwister } from './mersenne-twister.ts';
import { nearestTo, type PriceAt } from './moves.ts';

export interface VolatilityRules {
  /** seconds; predictions of another horizon have no such term */
  readonly horizon: number;
  readonly paths: number;
  /** of each block its seconds, and the weight of the CRPS of each block of that size */
  readonly blocks: readonly { readonly seconds: number; readonly weight: number }[];
  /** subject → what a CRPS of volatilities in basis points is multiplied by; others have no such term */
  readonly factors: Readonly<Record<string, number>>;
}

/** What happened, at the ends of the finest steps; null where no price is near enough. */
export type PricePath = readonly (number | null)[];

/** The price nearest to each end of a step, within half a step. @param prices in order of time */
export function pricePath(prices: readonly PriceAt[], start: number, horizon: number, step: number): PricePath {
  const series = prices.filter(({ time }, i) => prices[i + 1]?.time !== time);
  return Array.from({ length: Math.floor(horizon / step) + 1 }, (_, i) => {
    const found = nearestTo(series, start + i * step);
    return found !== null && Math.abs(found.time - (start + i * step)) <= step / 2 ? found.price : null;
  });
}

/** CRC-32 (ISO 3309), for the seed of a round: that of `asset:seconds`. */
export function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** E|X − y| − ½ E|X − X'| of an ensemble, which is sorted in place. */
export function crpsOfEnsemble(y: number, members: Float64Array): number {
  const n = members.length;
  members.sort();
  let [distance, spread] = [0, 0];
  for (let i = 0; i < n; i++) {
    distance += Math.abs(members[i]! - y);
    spread += (2 * i - n + 1) * members[i]!;
  }
  return distance / n - spread / (n * n);
}

/**
 * Weighted sum of the CRPS of each block, times the factor; null where too few prices are known.
 * @param densities step in seconds → its densities, in order
 * @throws {DensityFault} where no price path can be drawn from the densities
 */
export function volatilityScore(
  densities: ReadonlyMap<number, readonly Density[]>,
  real: PricePath,
  seed: number,
  factor: number,
  { paths: count, blocks }: VolatilityRules,
): number | null {
  const [first] = real;
  if (first === null || first === undefined || real.filter((price) => price !== null).length < 2) return null;
  const increment = Math.min(...densities.keys());
  const paths = drawnPaths(densities, first, seed, count);
  const happened = returnsOf(real);
  const simulated = paths.map(returnsOf);
  let sum = 0;
  for (const { seconds, weight } of blocks) {
    const length = Math.floor(seconds / increment);
    for (let from = 0; from + length <= happened.length; from += length) {
      const observed = deviation(happened, from, length);
      if (Number.isNaN(observed)) continue;
      const members = Float64Array.from(simulated, (returns) => deviation(returns, from, length));
      sum += weight * crpsOfEnsemble(observed, members);
    }
  }
  const score = factor * sum;
  if (!Number.isFinite(score))
    throw new DensityFault('', 'densities whose paths have a volatility', new Described('an infinite one'));
  return score;
}

/** Prices of every path at the ends of the finest steps. Finer increments are shifted so that they sum to the coarser ones. */
export function drawnPaths(
  densities: ReadonlyMap<number, readonly Density[]>,
  start: number,
  seed: number,
  count: number,
): number[][] {
  const random = new MersenneTwister(seed);
  // Drawn in the order of the answer, step by step; then put together from the coarsest to the finest.
  const increments = new Map(
    [...densities].map(([step, list]) => [step, list.map((one) => drawn(one, random, count))]),
  );
  const levels = [...increments.keys()].sort((a, b) => b - a);
  for (let level = 1; level < levels.length; level++) {
    const [parents, children] = [increments.get(levels[level - 1]!)!, increments.get(levels[level]!)!];
    const ratio = Math.floor(levels[level - 1]! / levels[level]!);
    if (ratio * parents.length !== children.length)
      throw new DensityFault(`${levels[level]}`, `${ratio * parents.length} densities`, children.length);
    parents.forEach((parent, i) => {
      const group = children.slice(i * ratio, (i + 1) * ratio);
      for (let path = 0; path < count; path++) {
        const shift = (parent[path]! - group.reduce((sum, child) => sum + child[path]!, 0)) / ratio;
        for (const child of group) child[path] = child[path]! + shift;
      }
    });
  }
  const finest = increments.get(levels.at(-1)!)!;
  return Array.from({ length: count }, (_, path) => {
    const prices = [start];
    let moved = 0;
    for (const step of finest) {
      moved += step[path]!;
      prices.push(start + moved);
    }
    if (prices.includes(0)) throw new DensityFault('', 'paths without a price of 0', new Described('one with it'));
    return prices;
  });
}

/** Of every step in basis points; NaN where a price is not known. */
const returnsOf = (prices: PricePath): number[] =>
  prices.slice(1).map((price, i) => {
    const before = prices[i];
    return price === null || before === null || before === undefined
      ? Number.NaN
      : ((price - before) / before) * 10_000;
  });

/** Standard deviation of the numbers of a block, n − 1 in the denominator; NaN of fewer than two. */
function deviation(values: readonly number[], from: number, length: number): number {
  let [n, sum, squares] = [0, 0, 0];
  for (let i = from; i < from + length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    n += 1;
    sum += values[i]!;
  }
  if (n < 2) return Number.NaN;
  const mean = sum / n;
  for (let i = from; i < from + length; i++) {
    if (!Number.isNaN(values[i]!)) squares += (values[i]! - mean) ** 2;
  }
  return Math.sqrt(squares / (n - 1));
}
