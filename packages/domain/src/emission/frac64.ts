/** Parts of a whole: 1,000,000,000 is all of it. */
export const WHOLE = 1_000_000_000;

/** Percent as parts, halves to the even neighbour. */
export const pctToFrac64 = (pct: number): number => roundHalfEven((pct / 100) * WHOLE);

/** The nearest integer; exactly between two, the even one. Never -0. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
  return rounded + 0;
}

/**
 * Shares a whole number in proportion to weights, by largest remainder: whole parts first, then one more for those
 * that lost most by it, on a tie for the heavier, then the earlier one. Always sums to `whole`, never negative.
 * @param weights not negative, with a positive sum
 */
export function shareOut(weights: readonly number[], whole = WHOLE): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const exact = weights.map((weight) => (weight / total) * whole);
  const parts = exact.map(Math.floor);
  const missing = whole - parts.reduce((sum, part) => sum + part, 0);
  const byRemainder = exact
    .map((part, i) => ({ i, rest: part - Math.floor(part) }))
    .sort((a, b) => b.rest - a.rest || weights[b.i]! - weights[a.i]! || a.i - b.i);
  for (let k = 0; k < missing; k++) parts[byRemainder[k % byRemainder.length]!.i]! += 1;
  return parts;
}
