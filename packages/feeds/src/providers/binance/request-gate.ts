import type { ProviderClock } from '../../clock.ts';
import type { FeedReports } from '../../provider.ts';

/** Keeps requests back while the exchange does not want any; continued abuse is answered with a ban of days. */
export interface RequestGate {
  /** Resolves when a request may be sent. */
  passed(signal?: AbortSignal): Promise<void>;
  /** 429 or 418 with their pause */
  closeFor(ms: number, status: number): void;
  /** What the exchange says we have used in its current minute; the budget starts anew with the next. */
  sawWeight(used: number): void;
}

const MINUTE = 60_000;
/** The share of the limit that is used; the rest is for whoever shares our address. */
const SHARE = 0.8;

export function requestGate({
  weightPerMinute,
  clock,
  reports,
}: {
  readonly weightPerMinute: number;
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
}): RequestGate {
  let closedUntilMs = 0;
  return {
    async passed(signal) {
      for (let nowMs = clock.nowMs(); nowMs < closedUntilMs; nowMs = clock.nowMs()) {
        await clock.delay(closedUntilMs - nowMs, signal);
      }
    },
    closeFor(ms, status) {
      closedUntilMs = Math.max(closedUntilMs, clock.nowMs() + ms);
      reports.notice('rate limited by Binance', { status, pause_seconds: ms / 1000 });
    },
    sawWeight(used) {
      if (used < weightPerMinute * SHARE) return;
      const nowMs = clock.nowMs();
      closedUntilMs = Math.max(closedUntilMs, nowMs - (nowMs % MINUTE) + MINUTE);
    },
  };
}
