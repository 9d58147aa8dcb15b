/** The same seed throws the same numbers, on every machine. */
export interface Dice {
  /** an integer, both ends included */
  between(least: number, most: number): number;
  oneOf<T>(choices: readonly T[]): T;
  shuffled<T>(values: readonly T[]): T[];
}

export function diceOf(seed: string): Dice {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(seed)) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  /** a multiplicative mix of a counter: quality enough to choose instants */
  function next(): number {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    between,
    oneOf: (choices) => choices[between(0, choices.length - 1)]!,
    shuffled(values) {
      const left = [...values];
      return values.map(() => left.splice(between(0, left.length - 1), 1)[0]!);
    },
  };
}
