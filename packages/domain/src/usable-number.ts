/**
 * Largest size of a number that metrics and ensembles compute with. One participant's number beyond it, squared or
 * added to those of others, would leave no digit of theirs; it counts as missing.
 */
export const LARGEST_USABLE = 1e100;

/** The number, or NaN where there is none to compute with. */
export const usable = (value: number | null): number =>
  value !== null && Math.abs(value) <= LARGEST_USABLE ? value : Number.NaN;

/** Why a mean is not there although each of its numbers is. */
export const OVERFLOW = 'the sum of its values is beyond the range of numbers';
