import type { Clock } from './clock.ts';

/**
 * Lets loops sleep until something happens or a time has come. Whoever looks at what it waits for and goes to sleep
 * without awaiting anything in between misses nothing.
 */
export class Latch {
  #wake: () => void = () => undefined;
  #rung: Promise<void> = this.#next();

  ring(): void {
    this.#wake();
    this.#rung = this.#next();
  }

  /** Resolves at the next ring or when the clock has moved on by so much. @throws AbortError */
  async sleep(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    const awake = new AbortController();
    const delay = clock.delay(ms, AbortSignal.any([signal, awake.signal])).catch(() => undefined);
    await Promise.race([this.#rung, delay]);
    awake.abort();
    signal.throwIfAborted();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
