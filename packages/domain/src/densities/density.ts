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

export interface Density {
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
  // That of a mixture lies between those of its components.
  const low = Math.min(...quantiles);
  const high = Math.max(...quantiles);
  return whereReached(
    (x) => cdf(density, x),
    level,
    [low, high],
    (x) => pdf(density, x),
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

/** Adds the density at equally spaced points to `out`, whose numbers are taken as 0 before. */
export function pdfOnGrid({ components }: Density, points: Float64Array, out: Float64Array): void {
  out.fill(0);
  for (const component of components) {
    if (component.isNormal) addNormal(component, points, out);
    else addOther(component, points, out);
  }
}

const SQRT_2PI = Math.sqrt(2 * Math.PI);
/** Points that are reached from one exponential by multiplying: few enough that no digit is lost that matters. */
const BLOCK = 32;

/**
 * At equal distances a normal density is a product: exp(−½(z + h)²) = exp(−½z²) · exp(−zh − ½h²), whose second factor
 * changes by exp(−h²) each time. From the point nearest the middle outwards, so that what is small comes from what is large.
 */
function addNormal({ weight, location, scale }: Component, points: Float64Array, out: Float64Array): void {
  const height = weight / (scale * SQRT_2PI);
  const last = points.length - 1;
  const spacing = (points[last]! - points[0]!) / last;
  const middle = Math.min(last, Math.max(0, Math.round((location - points[0]!) / spacing)));
  const h = spacing / scale;
  const change = Math.exp(-h * h);
  for (let i = middle; i <= last; i += BLOCK) {
    const z = (points[i]! - location) / scale;
    let value = height * Math.exp(-0.5 * z * z);
    if (value === 0) break;
    let factor = Math.exp(-z * h - 0.5 * h * h);
    const end = Math.min(last + 1, i + BLOCK);
    for (let k = i; k < end; k++) {
      out[k] = out[k]! + value;
      value *= factor;
      factor *= change;
    }
  }
  for (let i = middle - 1; i >= 0; i -= BLOCK) {
    const z = (location - points[i]!) / scale;
    let value = height * Math.exp(-0.5 * z * z);
    if (value === 0) break;
    let factor = Math.exp(-z * h - 0.5 * h * h);
    const end = Math.max(-1, i - BLOCK);
    for (let k = i; k > end; k--) {
      out[k] = out[k]! + value;
      value *= factor;
      factor *= change;
    }
  }
}

function addOther({ weight, location, scale, standard }: Component, points: Float64Array, out: Float64Array): void {
  const share = weight / scale;
  const { pdf: standardPdf } = standard;
  for (let i = 0; i < points.length; i++) out[i] = out[i]! + share * standardPdf((points[i]! - location) / scale);
}
