/** Pauses between attempts at something that fails: each longer than the one before, up to a limit. */
export interface BackoffTerms {
  readonly firstMs: number;
  readonly longestMs: number;
  /** of a pause and the one before it; default 2 */
  readonly factor?: number;
  /**
   * Share of a pause that is left to chance, 0 to 1, so that many clients who lost the same server do not come back as one;
   * default 0
   */
  readonly jitter?: number;
}

/** Beyond that every pause is the longest one. */
const MOST_FAILURES = 100;

/**
 * The pause after a failure, in milliseconds.
 * @param failures before it
 * @param random 0 to 1: the part of the jitter that is waited
 */
export function backoffMs(failures: number, terms: BackoffTerms, random = 1): number {
  const { firstMs, longestMs, factor = 2, jitter = 0 } = terms;
  const full = Math.min(firstMs * factor ** Math.min(failures, MOST_FAILURES), longestMs);
  return full * (1 - jitter + jitter * random);
}

/** The pauses of one thing that is tried again and again. */
export class Backoff {
  readonly #terms: BackoffTerms;
  readonly #random: () => number;
  #failures = 0;

  /** @param random needed for jitter, 0 <= x < 1 */
  constructor(terms: BackoffTerms, random: () => number = () => 1) {
    this.#terms = terms;
    this.#random = random;
  }

  /** The pause after another failure, in whole milliseconds. */
  nextMs(): number {
    return Math.round(backoffMs(this.#failures++, this.#terms, this.#random()));
  }

  /** It worked: the next pause is the first again. */
  reset(): void {
    this.#failures = 0;
  }
}
