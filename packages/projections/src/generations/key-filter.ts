/** Enough for some ten million keys with hardly a false match. 32 MiB, of which only the used part is touched. */
const BITS = 2 ** 28;
const PROBES = 4;

/**
 * Finds whether a key is certainly new, in constant memory (a Bloom filter). A known key is never reported as new; some
 * new ones are taken for known, the more the fuller it is, so "known" has to be checked against the table.
 */
export class KeyFilter {
  readonly #bits: Uint32Array;
  readonly #mask: number;

  /** @param bits a power of two, at most 2^32 */
  constructor(bits = BITS) {
    this.#bits = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
  }

  /** Remembers a key. @returns whether it is surely new */
  add(table: number, key: string): boolean {
    let a = 0x811c9dc5 ^ table;
    let b = 0x9e3779b9 + table;
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b ^ code, 0x85ebca6b);
      b ^= b >>> 13;
    }
    a ^= a >>> 15;
    a = Math.imul(a, 0x2c1b3c6d);
    a ^= a >>> 12;
    b = Math.imul(b, 0xc2b2ae35) | 1; // odd, so that every probe is another place
    let isNew = false;
    for (let probe = 0; probe < PROBES; probe++) {
      const place = (a + Math.imul(probe, b)) & this.#mask;
      const bit = 1 << (place & 31);
      const word = place >>> 5;
      const before = this.#bits[word] as number;
      if ((before & bit) === 0) {
        isNew = true;
        this.#bits[word] = before | bit;
      }
    }
    return isNew;
  }
}
