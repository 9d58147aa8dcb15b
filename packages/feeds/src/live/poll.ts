import { type ProviderClock, providerBackoffMs } from '../clock.ts';
import type { FeedReports } from '../provider.ts';

export interface Poll {
  /** what is polled, for people: a feed key or the name of a service */
  readonly feed: string;
  readonly intervalMs: number;
  /** so that many polls do not all start at once */
  readonly firstDelayMs?: number;
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
  readonly signal: AbortSignal;
  /** sends one request; an error is a failure, after which it is tried again later */
  observe(): Promise<void>;
  /** there are observations again after some failed: nothing was observed between the two times, Unix milliseconds */
  recovered?(fromMs: number | null, toMs: number): void;
}

/** Polls until the signal aborts. What was not observed while it failed is lost. */
export async function poll(context: Poll): Promise<void> {
  const { feed, intervalMs, firstDelayMs = 0, clock, reports, signal } = context;
  let failures = 0;
  let lastGoodMs: number | null = null;
  const wait = (ms: number): Promise<void> => clock.delay(ms, signal).catch(() => undefined);
  if (firstDelayMs > 0) await wait(firstDelayMs);
  while (!signal.aborted) {
    try {
      await context.observe();
      const nowMs = clock.nowMs();
      if (failures > 0) context.recovered?.(lastGoodMs, nowMs);
      [failures, lastGoodMs] = [0, nowMs];
      await wait(intervalMs);
    } catch (error) {
      if (signal.aborted) return;
      const waitMs = Math.round(Math.max(intervalMs, providerBackoffMs(failures++, clock)));
      reports.notice('cannot ask the feed, trying again', {
        feed,
        reason: (error as Error).message,
        retry_ms: waitMs,
      });
      await wait(waitMs);
    }
  }
}
