/**
 * Value of a ratio 0 / 0, such as the rank correlation of a series that does not vary: unavailable, or 0 as in the
 * reference system.
 */
export type ConstantSeries = 'unavailable' | 'zero';
