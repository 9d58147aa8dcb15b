import type { MersenneTwister } from './mersenne-twister.ts';

/** Draws some values of a distribution in its standard form. */
export type Draw = (random: MersenneTwister, count: number) => Float64Array;

/** One after the other. */
export const each =
  (one: (random: MersenneTwister) => number): Draw =>
  (random, count) => {
    const drawn = new Float64Array(count);
    for (let i = 0; i < count; i++) drawn[i] = one(random);
    return drawn;
  };
