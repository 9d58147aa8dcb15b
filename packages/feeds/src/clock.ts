import { setTimeout as delay } from 'node:timers/promises';

/** What a live provider needs of the world to wait and to spread its attempts. Tests bring their own. */
export interface ProviderClock {
  /** Unix milliseconds */
  nowMs(): number;
  /** @throws AbortError when the signal aborts first */
  delay(ms: number, signal?: AbortSignal): Promise<void>;
  /** 0 <= x < 1 */
  random(): number;
}

export const systemProviderClock: ProviderClock = {
  nowMs: () => Date.now(),
  delay: async (ms, signal) => {
    await delay(ms, undefined, signal && { signal });
  },
  random: () => Math.random(),
};

/**
 * How long to wait before attempt number `failures` (from 0): doubling up to a limit, half of it by chance, so that
 * many clients who lost the same server do not come back as one.
 */
export const backOffMs = (failures: number, random: number, minMs = 1_000, maxMs = 60_000): number =>
  Math.min(minMs * 2 ** Math.min(failures, 30), maxMs) * (0.5 + random / 2);
