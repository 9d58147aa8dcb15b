const REST_MIN_MS = 100;
const REST_MAX_MS = 5_000;

/**
 * Pauses before a dropped partition is tried again: longer each time, short again after it ran without a fault for a
 * while.
 */
export class Backoff {
  #pauseMs = REST_MIN_MS;
  #until = 0;

  isOver(now: number): boolean {
    return now >= this.#until;
  }

  /** @param lastedMs how long it ran without a fault */
  begin(lastedMs: number): void {
    if (lastedMs > REST_MAX_MS) this.#pauseMs = REST_MIN_MS;
    this.#until = performance.now() + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, REST_MAX_MS);
  }
}
