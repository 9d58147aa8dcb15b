import { Backoff } from '@crunch-node/streams/backoff';

const LONGEST_MS = 5_000;

/**
 * Until when a dropped partition is left alone: longer each time, short again after it ran without a fault for a while.
 */
export class RetryDelay {
  readonly #backoff = new Backoff({ firstMs: 100, longestMs: LONGEST_MS });
  #until = 0;

  isOver(now: number): boolean {
    return now >= this.#until;
  }

  /** @param lastedMs how long it ran without a fault */
  begin(lastedMs: number): void {
    if (lastedMs > LONGEST_MS) this.#backoff.reset();
    this.#until = performance.now() + this.#backoff.nextMs();
  }
}
