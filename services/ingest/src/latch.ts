import type { Clock } from './clock.ts';

/**
 * Lets loops sleep until they are woken or a time has come. A loop that checks its condition and sleeps without an
 * await in between misses no wake-up.
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
    // A listener that is removed again: `AbortSignal.any` would leave a reference on the long-lived signal each time.
    const awake = new AbortController();
    const stop = (): void => awake.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    await Promise.race([this.#rung, clock.delay(ms, awake.signal).catch(() => undefined)]);
    signal.removeEventListener('abort', stop);
    awake.abort();
    signal.throwIfAborted();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
