import type { ProviderClock } from '../../clock.ts';

/** So many requests in any stretch of time, and none while the server wants none. */
export interface RateGate {
  passed(signal?: AbortSignal): Promise<void>;
  closeFor(ms: number): void;
}

export function rateGate(clock: ProviderClock, requests: number, perMs: number): RateGate {
  /** times of the requests in the last stretch, ascending */
  let sent: number[] = [];
  let closedUntilMs = 0;
  return {
    async passed(signal) {
      for (;;) {
        const nowMs = clock.nowMs();
        sent = sent.filter((ms) => ms > nowMs - perMs);
        const untilMs = Math.max(closedUntilMs, sent.length >= requests ? sent[0]! + perMs : 0);
        if (untilMs <= nowMs) {
          sent.push(nowMs);
          return;
        }
        await clock.delay(untilMs - nowMs, signal);
      }
    },
    closeFor(ms) {
      closedUntilMs = Math.max(closedUntilMs, clock.nowMs() + ms);
    },
  };
}
