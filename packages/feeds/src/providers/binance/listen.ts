import type { FeedKey } from '@crunch-node/streams';
import { backOffMs, type ProviderClock } from '../../clock.ts';
import { granularitySeconds } from '../../granularity.ts';
import type { FeedReports, FeedRequest, FeedSink, SubjectPage } from '../../provider.ts';
import { followSubject } from './follow-subject.ts';
import { candleOf, intervalOf } from './klines.ts';
import { BinanceRefused } from './rest.ts';
import { runSocket } from './socket.ts';

export interface ListenMeans {
  readonly wsUrl: string;
  readonly idleMs: number;
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
  fetchPage(key: FeedKey, startMs: number, signal: AbortSignal): Promise<SubjectPage>;
}

/** A connection that held so long was a good one: the next attempt comes quickly. */
const GOOD_MS = 60_000;
/** Not from here, not ever: no use in trying again. */
const UNAVAILABLE_FOR_LEGAL_REASONS = 451;

/** Closed candles of all subjects over one connection, for ever; the exchange ends each after a day. */
export async function listenToKlines(
  { wsUrl, idleMs, clock, reports, fetchPage }: ListenMeans,
  { subjects, kind, granularity }: FeedRequest,
  sink: FeedSink,
  signal: AbortSignal,
): Promise<void> {
  const interval = intervalOf(granularity);
  const stepMs = granularitySeconds(granularity) * 1000;
  // One candle more than needed: our clock may be ahead of the exchange's, and duplicates do no harm.
  const startMs = clock.nowMs() - (clock.nowMs() % stepMs) - stepMs;
  const keys = new Map(subjects.map((subject) => [subject, { source: 'binance', subject, kind, granularity }]));
  const followers = new Map(
    [...keys].map(([subject, key]) => [
      subject,
      followSubject({
        subject,
        stepMs,
        startMs,
        sink,
        clock,
        reports,
        signal,
        fetchPage: (from, until) => fetchPage(key, from, until),
      }),
    ]),
  );
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = (error) => {
      if (!signal.aborted) reject(error);
    };
  });
  failed.catch(() => undefined);

  function message(text: string): void {
    const candle = closedKline(text, interval);
    const key = candle === null ? undefined : keys.get(candle.symbol);
    if (candle === null || key === undefined) return;
    const { openMs } = candle;
    const record = candleOf(key, openMs, candle.cells, reports);
    if (Number.isSafeInteger(openMs)) void followers.get(key.subject)?.closed({ openMs, record }).catch(fail);
  }

  const streams = subjects.map((subject) => `${subject.toLowerCase()}@kline_${interval}`).join('/');
  for (let failures = 0; !signal.aborted; failures++) {
    const beganMs = clock.nowMs();
    const opened = (): void => followers.forEach((follower) => void follower.connected().catch(fail));
    const end = await Promise.race([
      runSocket(`${wsUrl}/stream?streams=${streams}`, idleMs, { opened, message }, signal),
      failed,
    ]);
    if (end.status === UNAVAILABLE_FOR_LEGAL_REASONS) {
      throw new BinanceRefused(
        `a connection to ${wsUrl}`,
        end.status,
        undefined,
        'it does not serve this location; use another ws_url',
      );
    }
    if (signal.aborted) return;
    if (clock.nowMs() - beganMs > GOOD_MS) failures = 0;
    const waitMs = Math.round(backOffMs(failures, clock.random()));
    reports.notice('lost the connection to Binance, connecting again', { reason: end.reason, retry_ms: waitMs });
    await clock.delay(waitMs, signal).catch(() => undefined);
  }
}

interface ClosedKline {
  readonly symbol: string;
  readonly openMs: number;
  readonly cells: readonly unknown[];
}

/** Null for everything but the closing of a candle: the growing ones, answers, other streams. */
function closedKline(text: string, interval: string): ClosedKline | null {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  const { data = frame } = (frame ?? {}) as { data?: unknown };
  const { e, k } = (data ?? {}) as { e?: unknown; k?: Record<string, unknown> };
  if (e !== 'kline' || k?.x !== true || k.i !== interval) return null;
  return { symbol: String(k.s), openMs: Number(k.t), cells: [k.o, k.h, k.l, k.c, k.v] };
}
