/** A random generator with a seed (mulberry32). */
export interface Dice {
  /** 0 to 1, without 1 */
  next(): number;
  below(count: number): number;
  chance(share: number): boolean;
  oneOf<T>(choices: readonly T[]): T;
}

export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return {
    next,
    below,
    chance: (share) => next() < share,
    oneOf: (choices) => choices[below(choices.length)] as (typeof choices)[number],
  };
}
