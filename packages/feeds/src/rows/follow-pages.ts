import type { FeedRecord } from '@crunch-node/domain';
import { instantOfMillis, millisOf } from '@crunch-node/streams';
import type { ProviderClock } from '../clock.ts';
import { granularitySeconds, isGranularity } from '../granularity.ts';
import type { FeedRequest, FeedSink, FetchRequest, SubjectPage } from '../provider.ts';
import { Delivery } from './delivery.ts';
import { type AttemptContext, FeedUnusable, retryMs, type Waker } from './poll.ts';
import type { RowPage } from './row.ts';

/** One page of a subject's rows from a time on, ascending. */
export type ReadPage = (
  subject: string,
  range: Pick<FetchRequest, 'startMs' | 'endMs' | 'limit'>,
  signal?: AbortSignal,
) => Promise<RowPage>;

export interface FollowContext extends AttemptContext {
  readonly request: FeedRequest;
  readonly sink: FeedSink;
  readonly readPage: ReadPage;
  /** default: five minutes or two steps ago, or where the newest row is when that is longer ago */
  readonly lookbackMs?: number;
  /** rows come at the latest so long after their time: what is older is confirmed by having looked */
  readonly settleMs?: number | undefined;
}

const PAGE = 1_000;
const CONCURRENCY = 4;
const LOOKBACK_MS = 5 * 60_000;
/** A source may be behind by this much and will still be followed from where it is. */
const MAX_LOOKBACK_MS = 30 * 86_400_000;
/** Rows slightly ahead of our clock are wanted too. */
const AHEAD_MS = 10 * 60_000;

/** Follows subjects by requesting what came after the last known record. */
export interface PageFollower {
  readonly deliveries: ReadonlyMap<string, Delivery>;
  /** Everything there is now has been given. Fails as `readPage` does. */
  fill(): Promise<void>;
  /** The same, but a subject that fails is reported and requested again later. Fails with {@link FeedUnusable} only. */
  poll(): Promise<void>;
}

export function followPages(context: FollowContext): PageFollower {
  const { request, sink, clock, reports, readPage, settleMs, signal } = context;
  const startMs = clock.nowMs() - Math.max(context.lookbackMs ?? 0, overlapMs(request));
  const deliveries = new Map(
    request.subjects.map((subject) => [subject, new Delivery({ subject, startMs, sink, clock, reports })]),
  );

  /** Subjects whose newest row has been found; before that their source may be far behind. */
  const placed = new Set<string>();

  async function fillOne(subject: string, delivery: Delivery): Promise<void> {
    const beganMs = clock.nowMs();
    let found = await readOn(subject, delivery);
    for (let backMs = 4 * LOOKBACK_MS; found === 0 && !placed.has(subject); backMs *= 4) {
      if (backMs > MAX_LOOKBACK_MS) break;
      delivery.lookFrom(beganMs - backMs);
      found = await readOn(subject, delivery);
    }
    placed.add(subject);
    if (settleMs !== undefined) sink.confirmed(subject, instantOfMillis(Math.floor(beganMs - settleMs)));
  }

  /** How many rows there were. */
  async function readOn(subject: string, delivery: Delivery): Promise<number> {
    let found = 0;
    let pageMs: number | null = delivery.cursorMs;
    while (pageMs !== null) {
      await sink.room?.(subject, signal);
      const range = { startMs: pageMs, endMs: clock.nowMs() + AHEAD_MS, limit: PAGE };
      const page: RowPage = await readPage(subject, range, signal);
      for (const { tsMs, record } of page.rows) {
        if (record === null) delivery.passed(tsMs);
        else delivery.give(record);
      }
      found += page.rows.length;
      pageMs = page.nextStartMs;
    }
    return found;
  }

  const failing = new Map<string, { failures: number; untilMs: number }>();

  /** One subject that fails, and is left alone for a while, does not keep the others. */
  async function tryOne(subject: string, delivery: Delivery): Promise<void> {
    const { failures = 0, untilMs = 0 } = failing.get(subject) ?? {};
    if (clock.nowMs() < untilMs) return;
    try {
      await fillOne(subject, delivery);
      failing.delete(subject);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof FeedUnusable) throw error;
      const waitMs = retryMs(error, failures, clock);
      failing.set(subject, { failures: failures + 1, untilMs: clock.nowMs() + waitMs });
      reports.notice(`${context.provider}: asking for a subject failed, trying again`, {
        subject,
        reason: (error as Error).message,
        retry_ms: waitMs,
      });
    }
  }

  async function each(work: (subject: string, delivery: Delivery) => Promise<void>): Promise<void> {
    const waiting = [...deliveries];
    const next = async (): Promise<void> => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await work(...one);
    };
    const ends = await Promise.allSettled(Array.from({ length: Math.min(CONCURRENCY, waiting.length) }, next));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  return { deliveries, fill: () => each(fillOne), poll: () => each(tryOne) };
}

/** Polls until the signal aborts, which ends it without an error. */
export async function pollPages(context: FollowContext, pollMs: number, waker: Waker): Promise<void> {
  const { signal, clock } = context;
  const follower = followPages(context);
  try {
    for (;;) {
      await follower.poll();
      await waker.sleep(pollMs, clock, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function overlapMs({ kind, granularity }: FeedRequest): number {
  const stepMs = kind === 'candle' && isGranularity(granularity) ? granularitySeconds(granularity) * 1000 : 0;
  return Math.max(LOOKBACK_MS, 2 * stepMs);
}

/** A provider's `fetch`: each subject's page of records by themselves, a failure in the place of its subject. */
export async function fetchPages(
  readPage: ReadPage,
  { subjects, startMs, endMs, limit }: FetchRequest,
  clock: ProviderClock,
  signal?: AbortSignal,
): Promise<readonly SubjectPage[]> {
  const range = { startMs: Math.floor(startMs), endMs: Math.floor(endMs), limit: Math.max(1, Math.floor(limit)) };
  const pages: SubjectPage[] = [];
  for (let i = 0; i < subjects.length; i += CONCURRENCY) {
    const some = subjects.slice(i, i + CONCURRENCY).map(async (subject): Promise<SubjectPage> => {
      try {
        const { rows, nextStartMs } = await readPage(subject, range, signal);
        const records = rows.flatMap(({ record }) => (record === null || isOpen(record, clock) ? [] : [record]));
        return { subject, records, nextStartMs };
      } catch (error) {
        signal?.throwIfAborted();
        return { subject, error: error as Error };
      }
    });
    pages.push(...(await Promise.all(some)));
  }
  return pages;
}

/** An unfinished candle is not a record yet, even where its row is marked as closed. */
const isOpen = ({ kind, at }: FeedRecord, clock: ProviderClock): boolean =>
  kind === 'candle' && millisOf(at) > clock.nowMs();
