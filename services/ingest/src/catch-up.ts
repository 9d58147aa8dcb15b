import type { FeedRecord } from '@crunch-node/domain';
import type { FeedReports, LiveProvider, SubjectPage } from '@crunch-node/feeds';
import type { Instant } from '@crunch-node/streams';
import { Backoff } from '@crunch-node/streams/backoff';
import type { Clock } from './clock.ts';

export interface CatchUp {
  readonly provider: LiveProvider;
  readonly request: {
    readonly subject: string;
    readonly kind: string;
    readonly granularity: string;
    /** first `ts_event` wanted */
    readonly startMs: number;
  };
  readonly clock: Clock;
  readonly reports: FeedReports;
  readonly signal: AbortSignal;
  take(record: FeedRecord): void;
  confirm(upTo: Instant): void;
  /** resolves when there is room for another page */
  room(): Promise<void>;
}

const PAGE = 1_000;
const RETRIES = { firstMs: 1_000, longestMs: 60_000 };

/**
 * Fetches page by page the records of a subject since its last one. A page that fails is retried without limit: a feed
 * that cannot be reached delays its closings by the lateness only.
 */
export async function catchUp(context: CatchUp): Promise<void> {
  const { clock, reports, signal } = context;
  const { subject } = context.request;
  let { startMs } = context.request;
  const backoff = new Backoff(RETRIES);
  for (;;) {
    await context.room();
    const page = await fetchPage(context, startMs);
    if ('error' in page) {
      const retryMs = backoff.nextMs();
      reports.notice('cannot catch up, trying again', { subject, reason: page.error.message, retry_ms: retryMs });
      await clock.delay(retryMs, signal);
      continue;
    }
    backoff.reset();
    for (const record of page.records) context.take(record);
    const last = page.records.at(-1);
    if (last !== undefined) context.confirm(last.at);
    if (page.nextStartMs === null) return;
    startMs = page.nextStartMs;
  }
}

async function fetchPage({ provider, request, clock, signal }: CatchUp, startMs: number): Promise<SubjectPage> {
  const { subject, kind, granularity } = request;
  try {
    const pages = await provider.fetch(
      { subjects: [subject], kind, granularity, startMs, endMs: clock.nowMs(), limit: PAGE },
      signal,
    );
    const page = pages.find((one) => one.subject === subject);
    return page ?? { subject, error: new Error(`${provider.name} did not answer for ${subject}`) };
  } catch (error) {
    signal.throwIfAborted();
    return { subject, error: error as Error };
  }
}
