import type { ProviderClock } from '../../clock.ts';
import type { FeedReports } from '../../provider.ts';

/** Holds requests back while the exchange refuses them; continued abuse leads to a ban of days. */
export interface RequestGate {
  /** Resolves when a request of that weight may be sent, and counts it. */
  passed(weight: number, signal?: AbortSignal): Promise<void>;
  /** 429 or 418 with their pause */
  closeFor(ms: number, status: number): void;
  /** The weight the exchange counts for its current minute; the budget starts again with the next. */
  sawWeight(used: number): void;
  /** The exchange publishes its limit. */
  sawLimit(weightPerMinute: number): void;
}

const MINUTE = 60_000;
/** The share of the limit that is used; the rest is for other clients behind the same address. */
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
  let budget = weightPerMinute * SHARE;
  let closedUntilMs = 0;
  let minute = 0;
  let used = 0;
  /** Weight used in the minute it is; the greater of what we count and what the exchange does. */
  const inThisMinute = (): number => {
    const nowMinute = Math.floor(clock.nowMs() / MINUTE);
    if (nowMinute !== minute) [minute, used] = [nowMinute, 0];
    return used;
  };
  return {
    async passed(weight, signal) {
      for (;;) {
        const nowMs = clock.nowMs();
        const before = inThisMinute();
        // A request dearer than the whole budget goes alone.
        const isOver = before > 0 && before + weight > budget;
        const untilMs = Math.max(closedUntilMs, isOver ? (minute + 1) * MINUTE : 0);
        if (nowMs >= untilMs) break;
        await clock.delay(untilMs - nowMs, signal);
      }
      used += weight;
    },
    closeFor(ms, status) {
      closedUntilMs = Math.max(closedUntilMs, clock.nowMs() + ms);
      reports.notice('rate limited by Binance', { status, pause_seconds: ms / 1000 });
    },
    sawWeight(weight) {
      used = Math.max(inThisMinute(), weight);
    },
    sawLimit(weight) {
      budget = weight * SHARE;
    },
  };
}
