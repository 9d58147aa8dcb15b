import { Type } from '@sinclair/typebox';

/**
 * Largest answer of the types that come with the engine: far beyond every price, return or size that is meant, and so
 * small that sums and squares of answers keep the digits of all of them.
 */
export const LARGEST_ANSWER = 1e12;

/** A number from `-most` to `most`, 0 unless it is given. */
export const bounded = (most: number) => Type.Number({ default: 0, minimum: -most, maximum: most });
