/** A stream of dice that is a function of its name, the same on every machine. */
export interface Dice {
  /** 0 <= x < 1 */
  uniform(): number;
  /** mean 0, deviation 1, between -6 and 6; made by additions alone, so that no library's logarithm decides a price */
  bell(): number;
  /** from `low` to `high`, both inclusive */
  integer(low: number, high: number): number;
}

/** The sfc32 generator, its 128 bits of state seeded from the text. */
export function diceOf(name: string): Dice {
  let [a, b, c, d] = [hash(name, 1), hash(name, 2), hash(name, 3), hash(name, 4)];
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let warmUp = 0; warmUp < 16; warmUp++) next();
  const uniform = (): number => next() / 0x1_0000_0000;
  return {
    uniform,
    bell() {
      let sum = -6;
      for (let i = 0; i < 12; i++) sum += uniform();
      return sum;
    },
    integer: (low, high) => low + Math.floor(uniform() * (high - low + 1)),
  };
}

/** FNV-1a over the UTF-16 units, finished by a mix that spreads neighbouring names. */
function hash(text: string, salt: number): number {
  let h = Math.imul(0x811c9dc5 ^ salt, 0x01000193);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
