/**
 * What a ratio of 0 / 0 is, such as the rank correlation of a series that does not vary: no number, or 0 as the
 * reference system has it.
 */
export type ConstantSeries = 'unavailable' | 'zero';
