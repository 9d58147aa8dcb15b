import { setTimeout as delay } from 'node:timers/promises';

/** The wall clock, which ingest alone may ask when to close a cycle. Tests bring their own. */
export interface Clock {
  /** Unix milliseconds */
  nowMs(): number;
  /** Unix microseconds, an integer */
  nowMicros(): number;
  /** @throws AbortError when the signal aborts first */
  delay(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A timer cannot be set for longer; waiting in pieces is fine, since whoever waits looks again. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  nowMicros: () => Math.floor((performance.timeOrigin + performance.now()) * 1000),
  delay: async (ms, signal) => {
    await delay(Math.min(Math.max(0, ms), MAX_DELAY_MS), undefined, signal && { signal });
  },
};
