import { setTimeout as delay } from 'node:timers/promises';

/** The wall clock, which only ingest may use to close a cycle. Tests supply their own. */
export interface Clock {
  /** Unix milliseconds */
  nowMs(): number;
  /** Unix microseconds, an integer */
  nowMicros(): number;
  /** @throws AbortError when the signal aborts first */
  delay(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The maximum delay of a timer; longer waits are split, since callers check again after each. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  nowMicros: () => Math.floor((performance.timeOrigin + performance.now()) * 1000),
  delay: async (ms, signal) => {
    await delay(Math.min(Math.max(0, ms), MAX_DELAY_MS), undefined, signal && { signal });
  },
};
