import type { FeedRecord } from '@crunch-node/domain';
import { backOffMs, type ProviderClock } from '../../clock.ts';
import type { FeedReports, FeedSink, SubjectPage } from '../../provider.ts';

/** A closed candle as the live stream told it; no record when it was malformed. */
export interface ClosedCandle {
  readonly openMs: number;
  readonly record: FeedRecord | null;
}

export interface SubjectMeans {
  readonly subject: string;
  readonly stepMs: number;
  /** open of the first candle wanted */
  readonly startMs: number;
  readonly sink: FeedSink;
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
  readonly signal: AbortSignal;
  fetchPage(startMs: number, signal: AbortSignal): Promise<SubjectPage>;
}

/**
 * One subject, without holes: what a connection missed is fetched before what it brings goes on. A hole is what lies
 * between two connections, or between two closed candles that are not neighbours.
 */
export function followSubject({ subject, stepMs, startMs, sink, clock, reports, signal, fetchPage }: SubjectMeans) {
  let nextMs = startMs;
  let held: ClosedCandle[] = [];
  let filling = false;
  let fillAgain = false;

  function deliver({ openMs, record }: ClosedCandle): void {
    if (openMs < nextMs) return;
    nextMs = openMs + stepMs;
    if (record === null) return;
    sink.record(record);
    sink.confirmed(subject, record.at);
  }

  async function fillOnce(): Promise<void> {
    for (let failures = 0; ; ) {
      try {
        const page = await fetchPage(nextMs, signal);
        if ('error' in page) throw page.error;
        for (const record of page.records) deliver({ openMs: record.ts_event, record });
        if (page.nextStartMs === null) return;
        nextMs = Math.max(nextMs, page.nextStartMs);
        failures = 0;
      } catch (error) {
        signal.throwIfAborted();
        const waitMs = backOffMs(failures++, clock.random());
        reports.notice('cannot fill a gap, trying again', {
          subject,
          reason: (error as Error).message,
          retry_ms: waitMs,
        });
        await clock.delay(waitMs, signal);
      }
    }
  }

  /** Fetches from the last candle to now, then lets go what was held. Called again meanwhile, it goes over it again. */
  async function fill(): Promise<void> {
    fillAgain = true;
    if (filling) return;
    filling = true;
    try {
      while (fillAgain) {
        fillAgain = false;
        await fillOnce();
      }
      const waiting = held;
      held = [];
      for (const candle of waiting) deliver(candle);
    } finally {
      filling = false;
    }
  }

  return {
    /** A connection is open: whatever closed before it is missing. */
    connected: fill,
    /** The stream said a candle is closed. */
    async closed(candle: ClosedCandle): Promise<void> {
      if (filling) {
        held.push(candle);
      } else if (candle.openMs > nextMs) {
        held.push(candle);
        await fill();
      } else deliver(candle);
    },
  };
}
