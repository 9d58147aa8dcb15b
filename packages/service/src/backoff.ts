const REST_MIN_MS = 100;
const REST_MAX_MS = 5_000;

/** Pauses of a partition that had to be dropped: longer each time, short again after it went well for a while. */
export class Backoff {
  #pauseMs = REST_MIN_MS;
  #until = 0;

  isOver(now: number): boolean {
    return now >= this.#until;
  }

  /** @param lastedMs how long it went well */
  begin(lastedMs: number): void {
    if (lastedMs > REST_MAX_MS) this.#pauseMs = REST_MIN_MS;
    this.#until = performance.now() + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, REST_MAX_MS);
  }
}
