/**
 * Largest size of a number that metrics compute with. Beyond it a number, squared or added to others, would leave the
 * range of numbers; it counts as missing.
 */
export const LARGEST_USABLE = 1e100;

/**
 * Largest usable number in a prediction; anything larger counts as missing. Peers and ensembles sum the predictions of
 * several models, where a larger one would leave hardly a digit of the others. The types of the packs have this bound too.
 */
export const LARGEST_ANSWER = 1e12;

/** The number, or NaN where there is none to compute with. */
export const usable = (value: number | null, largest = LARGEST_USABLE): number =>
  value !== null && Math.abs(value) <= largest ? value : Number.NaN;

/** Why a mean is not there although each of its numbers is. */
export const OVERFLOW = 'the sum of its values is beyond the range of numbers';
