import { Type } from '@sinclair/typebox';

/**
 * Largest number in predictions of the built-in types: far beyond every sensible price, return or size, and so small
 * that sums and squares of predictions keep the digits of all of them.
 */
export const LARGEST_ANSWER = 1e12;

/** A number from `-most` to `most`, 0 unless it is given. */
export const bounded = (most: number) => Type.Number({ default: 0, minimum: -most, maximum: most });
