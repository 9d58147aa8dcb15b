/**
 * The generator of numpy's legacy `RandomState`: the Mersenne Twister (Matsumoto, Nishimura 1998, MT19937), and the
 * distributions it draws from it, in the same order of calls: equal seeds give the numbers numpy gives.
 */
export class MersenneTwister {
  readonly #state = new Uint32Array(SIZE);
  #at = SIZE;
  #gaussian: number | null = null;

  /** @param seed a whole number from 0 to 2^32 − 1 */
  constructor(seed: number) {
    this.#state[0] = seed;
    for (let i = 1; i < SIZE; i++) {
      const before = this.#state[i - 1]!;
      this.#state[i] = Math.imul(1_812_433_253, before ^ (before >>> 30)) + i;
    }
  }

  /** From 0, inclusive, to 1, exclusive; 53 bits. */
  uniform(): number {
    const high = this.#next() >>> 5;
    return (high * 67_108_864 + (this.#next() >>> 6)) / 9_007_199_254_740_992;
  }

  /** Standard normal: the polar method, which makes two at a time (Marsaglia, Bray 1964). */
  gaussian(): number {
    if (this.#gaussian !== null) {
      const kept = this.#gaussian;
      this.#gaussian = null;
      return kept;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.#gaussian = factor * x;
      return factor * y;
    }
  }

  exponential(): number {
    return -Math.log(1 - this.uniform());
  }

  /** Gamma with scale 1: Marsaglia and Tsang 2000 from shape 1 on, Ahrens and Dieter 1974 below. */
  gamma(shape: number): number {
    if (shape === 1) return this.exponential();
    return shape < 1 ? this.#gammaBelow1(shape) : this.#gammaAbove1(shape);
  }

  #gammaBelow1(shape: number): number {
    for (;;) {
      const u = this.uniform();
      const v = this.exponential();
      if (u <= 1 - shape) {
        const x = u ** (1 / shape);
        if (x <= v) return x;
      } else {
        const y = -Math.log((1 - u) / shape);
        const x = (1 - shape + shape * y) ** (1 / shape);
        if (x <= v + y) return x;
      }
    }
  }

  #gammaAbove1(shape: number): number {
    const b = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * b);
    for (;;) {
      let x: number;
      let v: number;
      do {
        x = this.gaussian();
        v = 1 + c * x;
      } while (v <= 0);
      v = v * v * v;
      const u = this.uniform();
      if (u < 1 - 0.0331 * (x * x) * (x * x)) return b * v;
      if (Math.log(u) < 0.5 * x * x + b * (1 - v + Math.log(v))) return b * v;
    }
  }

  #next(): number {
    if (this.#at === SIZE) this.#refill();
    let y = this.#state[this.#at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #refill(): void {
    const state = this.#state;
    for (let i = 0; i < SIZE; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % SIZE]! & 0x7fffffff);
      state[i] = state[(i + SHIFT) % SIZE]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#at = 0;
  }
}

const SIZE = 624;
const SHIFT = 397;
