import { type ProviderClock, providerBackoffMs } from '../clock.ts';
import type { FeedReports } from '../provider.ts';

/** How a connection ended. */
export interface ConnectionEnd {
  readonly reason: string;
  /** whether it was ever open */
  readonly opened: boolean;
  /** it can never be had again; the feed ends with it */
  readonly fatal?: Error;
  /** the server demands no connection for so long */
  readonly pauseMs?: number;
}

export interface Connection {
  readonly name: string;
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
  readonly signal: AbortSignal;
  /** one connection from beginning to end; never rejects */
  run(): Promise<ConnectionEnd>;
  /** a connection could not be had at all */
  unreachable?(): void;
}

/** A connection that held so long was a good one: the next attempt comes quickly. */
const GOOD_MS = 60_000;

/** One connection after the other until the signal aborts. @throws what a connection calls fatal */
export async function keepConnected({ name, clock, reports, signal, run, unreachable }: Connection): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    const beganMs = clock.nowMs();
    const end = await run();
    if (signal.aborted) return;
    if (end.fatal !== undefined) throw end.fatal;
    if (!end.opened) unreachable?.();
    if (clock.nowMs() - beganMs > GOOD_MS) failures = 0;
    const waitMs = Math.round(Math.max(providerBackoffMs(failures, clock), end.pauseMs ?? 0));
    reports.notice(`lost the connection to ${name}, connecting again`, { reason: end.reason, retry_ms: waitMs });
    await clock.delay(waitMs, signal).catch(() => undefined);
  }
}
