import { countCommon, type Ranked } from './ranked.ts';
import { addRanks, productWith, squaresOf } from './standard-ranks.ts';

/** Reused space for one series, which would otherwise be most of the garbage to collect. */
let scratch = new Float64Array(0);

/** A series has the same value in all the places that are compared: its correlation is 0 / 0. */
export const CONSTANT = 'constant';

/**
 * Spearman's rank correlation over the places where both have a value, equal values sharing their rank; null with
 * fewer than two such places, 0 when one of them does not vary there. In [-1, 1]. All sums are of quarters of integers,
 * exact up to 100,000 places, so that no order of summing shows.
 */
export function rankCorrelation(a: Ranked, b: Ranked): number | null {
  const known = correlationOf(a, b);
  return known === CONSTANT ? 0 : known;
}

/** The same, but a series that does not vary is distinguished from one without correlation. */
export function correlationOf(a: Ranked, b: Ranked): number | typeof CONSTANT | null {
  const count = countCommon(a.present, b.present, a.values.length);
  if (count < 2) return null;
  const squares = squaresOf(a, b.present, count) * squaresOf(b, a.present, count);
  if (squares === 0) return CONSTANT;
  if (scratch.length < a.values.length) scratch = new Float64Array(2 * a.values.length);
  const ranks = scratch.subarray(0, a.values.length).fill(0);
  addRanks(a, b.present, count, 1, ranks);
  return Math.min(1, Math.max(-1, productWith(b, a.present, count, ranks) / Math.sqrt(squares)));
}
