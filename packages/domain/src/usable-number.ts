/**
 * Largest size of a number that metrics compute with. Beyond it a number, squared or added to others, would leave the
 * range of numbers; it counts as missing.
 */
export const LARGEST_USABLE = 1e100;

/**
 * Largest size of an answer, which peers and ensembles are computed with too: beyond it, added to the answers of others,
 * it would leave hardly a digit of theirs. It counts as missing. The types of the packs have the same bound.
 */
export const LARGEST_ANSWER = 1e12;

/** The number, or NaN where there is none to compute with. */
export const usable = (value: number | null, largest = LARGEST_USABLE): number =>
  value !== null && Math.abs(value) <= largest ? value : Number.NaN;

/** Why a mean is not there although each of its numbers is. */
export const OVERFLOW = 'the sum of its values is beyond the range of numbers';
