import type { ProviderClock } from '@crunch-node/feeds';
import type { Clock } from '../clock.ts';

/** A wall clock that moves only when a test advances it. */
export class FakeClock implements Clock, ProviderClock {
  #nowMs: number;
  #sleepers = new Set<{ readonly dueMs: number; readonly wake: () => void }>();

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  nowMicros(): number {
    return this.#nowMs * 1000;
  }

  random(): number {
    return 0;
  }

  delay(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const sleeper = {
        dueMs: this.#nowMs + ms,
        wake: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#sleepers.add(sleeper);
    });
  }

  moveTo(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const sleeper of this.#sleepers) {
      if (sleeper.dueMs > nowMs) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}
