import type { Ranked } from './ranked.ts';

const BITS = 32;

/** Where a series has values, a bit for each place: how many places two have in common is counted 32 at a time. */
export function bitsOf({ present, values }: Pick<Ranked, 'present' | 'values'>): Int32Array {
  const bits = new Int32Array(Math.ceil(values.length / BITS));
  for (let i = 0; i < values.length; i++) {
    if (present === null || present[i] === 1) bits[Math.floor(i / BITS)]! |= 1 << (i % BITS);
  }
  return bits;
}

export function countCommonBits(a: Int32Array, b: Int32Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) count += countBits(a[i]! & b[i]!);
  return count;
}

/** Adds neighbours up: bits to pairs, pairs to fours, fours to bytes, and the four bytes in the highest of a product. */
function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
