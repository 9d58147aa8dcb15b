import { setTimeout as delay } from 'node:timers/promises';
import { type BackoffTerms, backoffMs } from '@crunch-node/streams/backoff';

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

/** Exchanges and services refuse clients who come back at once, and all of them together. */
const terms: BackoffTerms = { firstMs: 1_000, longestMs: 60_000, jitter: 0.5 };

/** How long a provider waits after so many failures in a row (from 0). */
export const providerBackoffMs = (failures: number, clock: Pick<ProviderClock, 'random'>): number =>
  backoffMs(failures, terms, clock.random());
