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
  readonly family: string;
  /** what its standard form follows from, besides the family */
  readonly shapes: readonly number[];
  readonly standard: Standard;
}

/** Index of a component, or a mixture as it was given, its shares summing to 1. */
export type Structure = number | { readonly shares: readonly number[]; readonly parts: readonly Structure[] };

export interface Density {
  /** how the components were nested */
  readonly structure: Structure;
  readonly components: readonly Component[];
}

const isSameComponent = (a: Component, b: Component): boolean =>
  a.weight === b.weight &&
  a.location === b.location &&
  a.scale === b.scale &&
  a.family === b.family &&
  a.shapes.length === b.shapes.length &&
  a.shapes.every((shape, i) => shape === b.shapes[i]);

/** Whether both have the same components in the same order, and so the same value everywhere. */
export function isSameDensity({ components: a }: Density, { components: b }: Density): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!isSameComponent(a[i]!, b[i]!)) return false;
  return true;
}

/** Parameters as text: equal texts are equal densities. */
export const densityKey = ({ components }: Density): string =>
  components
    .map(({ weight, family, location, scale, shapes }) => `${weight}*${family}(${[location, scale, ...shapes]})`)
    .join('+');

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
