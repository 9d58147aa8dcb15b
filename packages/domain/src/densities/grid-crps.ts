/** The continuous ranked probability score as an integral over a grid: that of crunch-synth and condorgame. */
import { type Density, isSameDensity } from './density.ts';
import { DensityFault, Described } from './density-fault.ts';
import { pdfOnGrid } from './on-grid.ts';

export interface CrpsGrid {
  readonly lower: number;
  readonly upper: number;
  /** at least 2 */
  readonly points: number;
  /** whether mass cut off by the grid is compensated, so that the mass on it is 1 */
  readonly normalised: boolean;
}

/** A density's distribution function at the points of a grid. */
interface OnGrid {
  readonly density: Density;
  readonly grid: CrpsGrid;
  readonly points: Float64Array;
  readonly cdf: Float64Array;
}

/** Scores many densities after one another; those that are equal share the work. Not to be shared by callers that differ. */
export class GridScorer {
  #points: { readonly grid: CrpsGrid; readonly xs: Float64Array } | null = null;
  #last: OnGrid | null = null;

  /**
   * ∫ (F(z) − 1[z ≥ x])² dz by trapezoids, F being the running sum of the density at the points.
   * @throws {DensityFault} where that is no finite number: a density that is infinite at a point of the grid
   */
  crps(density: Density, x: number, grid: CrpsGrid): number {
    const { cdf, points } = this.#onGrid(density, grid);
    const spacing = points[1]! - points[0]!;
    const n = points.length;
    const at = firstNotBelow(points, x);
    let sum = 0;
    for (let i = 0; i < at; i++) sum += cdf[i]! * cdf[i]!;
    for (let i = at; i < n; i++) sum += square(cdf[i]! - 1);
    const ends = square(cdf[0]! - (at === 0 ? 1 : 0)) + square(cdf[n - 1]! - (at < n ? 1 : 0));
    const score = (sum - ends / 2) * spacing;
    if (!Number.isFinite(score))
      throw new DensityFault('', 'a density that is finite on the grid', new Described('an infinite one'));
    return score;
  }

  #onGrid(density: Density, grid: CrpsGrid): OnGrid {
    const last = this.#last;
    if (last !== null && isSame(last.grid, grid) && isSameDensity(last.density, density)) return last;
    const points = this.#pointsOf(grid);
    const cdf = last !== null && last.cdf.length === grid.points ? last.cdf : new Float64Array(grid.points);
    pdfOnGrid(density, points, cdf);
    accumulate(cdf, points, grid.normalised);
    this.#last = { density, grid, points, cdf };
    return this.#last;
  }

  #pointsOf(grid: CrpsGrid): Float64Array {
    if (this.#points !== null && isSame(this.#points.grid, grid)) return this.#points.xs;
    const { lower, upper, points } = grid;
    const step = (upper - lower) / (points - 1);
    const xs = new Float64Array(points);
    for (let i = 0; i < points - 1; i++) xs[i] = i * step + lower;
    xs[points - 1] = upper;
    this.#points = { grid, xs };
    return xs;
  }
}

/** Index of the first point at or above `x`; that behind the last one where there is none. */
function firstNotBelow(points: Float64Array, x: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

const square = (value: number): number => value * value;

const isSame = (a: CrpsGrid, b: CrpsGrid): boolean =>
  a === b || (a.lower === b.lower && a.upper === b.upper && a.points === b.points && a.normalised === b.normalised);

/** Densities into their running sums, in place. */
function accumulate(values: Float64Array, points: Float64Array, normalised: boolean): void {
  const n = values.length;
  const spacing = points[1]! - points[0]!;
  let mass = 1;
  if (normalised) {
    let sum = (values[0]! + values[n - 1]!) / 2;
    for (let i = 1; i < n - 1; i++) sum += values[i]!;
    mass = sum * spacing > 0 ? sum * spacing : 1;
  }
  const unit = spacing / mass;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    sum += values[i]!;
    const share = sum * unit;
    values[i] = share > 1 ? 1 : share;
  }
}

/** The same of one density. */
export const crpsOnGrid = (density: Density, x: number, grid: CrpsGrid): number =>
  new GridScorer().crps(density, x, grid);
