/** A density that has been read: a mixture of components in one level, each a family with its location and scale. */
import type { Standard } from './family.ts';
import { whereReached } from './special.ts';

export interface Component {
  /** all of them sum to 1 */
  readonly weight: number;
  readonly location: number;
  readonly scale: number;
  /** the standard normal distribution, whose density is computed without a call for each point */
  readonly isNormal: boolean;
  readonly standard: Standard;
}

/** Index of a component, or a mixture as it was given, its shares summing to 1. */
export type Structure = number | { readonly shares: readonly number[]; readonly parts: readonly Structure[] };

export interface Density {
  /** how the components were nested */
  readonly structure: Structure;
  readonly components: readonly Component[];
  /** its parameters as text: equal texts are equal densities */
  readonly key: string;
}

export function pdf({ components }: Density, x: number): number {
  let sum = 0;
  for (const { weight, location, scale, standard } of components) {
    sum += (weight * standard.pdf((x - location) / scale)) / scale;
  }
  return sum;
}

export function cdf({ components }: Density, x: number): number {
  let sum = 0;
  for (const { weight, location, scale, standard } of components) {
    sum += weight * standard.cdf((x - location) / scale);
  }
  return Math.min(1, Math.max(0, sum));
}

/** The quantile at a level above 0 and below 1. */
export function ppf(density: Density, level: number): number {
  const quantiles = density.components.map(({ location, scale, standard }) => location + scale * standard.ppf(level));
  if (quantiles.length === 1) return quantiles[0]!;
  // That of a mixture lies between those of its components, and mostly near their mean.
  const low = Math.min(...quantiles);
  const high = Math.max(...quantiles);
  const mean = quantiles.reduce((sum, quantile, i) => sum + density.components[i]!.weight * quantile, 0);
  return whereReached(
    (x) => cdf(density, x),
    level,
    [low, high],
    (x) => pdf(density, x),
    Number.isFinite(mean) ? mean : undefined,
  );
}

/** Its mean, where a component has none the median of that one in its place. */
export function centreOf({ components }: Density): number {
  let sum = 0;
  for (const { weight, location, scale, standard } of components) {
    const own = standard.mean !== null && Number.isFinite(standard.mean) ? standard.mean : standard.ppf(0.5);
    sum += weight * (location + scale * own);
  }
  return sum;
}
