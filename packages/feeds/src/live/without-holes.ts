import type { FeedRecord } from '@crunch-node/domain';
import type { Instant } from '@crunch-node/streams';
import { type ProviderClock, providerBackoffMs } from '../clock.ts';
import type { FeedReports, FeedSink } from '../provider.ts';
import { noticeGap } from './gap.ts';

/** A record with its place in its feed: the open of a candle, the id of a trade, which may be beyond 2^53. No record when it was malformed. */
export interface SequencePlace {
  readonly position: bigint;
  readonly record: FeedRecord | null;
}

export interface SequencePage {
  /** ascending */
  readonly places: readonly SequencePlace[];
  /** where the next page begins; null: this was the last one for now */
  readonly next: bigint | null;
}

export interface SequenceContext {
  /** key of the feed, as text */
  readonly feed: string;
  readonly subject: string;
  /** from one place to the next */
  readonly step: bigint;
  /** first place wanted; null when only a page can give it */
  readonly start: bigint | null;
  /** how often a hole is requested again: a stream is ahead of the pages by a moment. 0 when there are no pages */
  readonly holeRetries?: number;
  readonly sink: FeedSink;
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
  readonly signal: AbortSignal;
  page(from: bigint | null): Promise<SequencePage>;
  /** up to when a record makes its feed complete */
  completeTo(record: FeedRecord): Instant;
}

export interface SequenceFollower {
  /** What a connection missed is missing: fetches it. */
  fill(): Promise<void>;
  /** A stream brought a place. */
  received(place: SequencePlace): Promise<void>;
}

const byPosition = (a: SequencePlace, b: SequencePlace): number =>
  a.position < b.position ? -1 : a.position > b.position ? 1 : 0;

/** What waits for a hole to be filled; beyond that it is dropped, since the pages bring it too. */
const MAX_HELD = 10_000;
const HOLE_RETRIES = 3;

/**
 * One subject, without holes and duplicates, whatever order a stream has: missing places are fetched before later ones
 * are delivered. A hole that cannot be filled is reported. Both calls reject only when the signal aborts.
 */
export function followSequence(context: SequenceContext): SequenceFollower {
  const { feed, subject, step, sink, clock, reports, signal, holeRetries = HOLE_RETRIES } = context;
  let next = context.start;
  let last: FeedRecord | null = null;
  let held: SequencePlace[] = [];
  let filling = false;
  let fillAgain = false;

  function deliver({ position, record }: SequencePlace): void {
    if (next !== null && position < next) return;
    if (next !== null && position > next && last !== null && record !== null) {
      noticeGap(reports, feed, last.at, record.at, `${(position - next) / step} missing`);
    }
    next = position + step;
    if (record === null) return;
    last = record;
    sink.record(record);
    sink.confirmed(subject, context.completeTo(record));
  }

  async function fetchAll(): Promise<void> {
    for (let failures = 0; ; ) {
      try {
        const page = await context.page(next);
        signal.throwIfAborted();
        for (const place of page.places) deliver(place);
        if (page.next === null) return;
        if (next === null || page.next > next) next = page.next;
        failures = 0;
      } catch (error) {
        signal.throwIfAborted();
        const waitMs = Math.round(providerBackoffMs(failures++, clock));
        reports.notice('cannot fill a gap, trying again', {
          feed,
          reason: (error as Error).message,
          retry_ms: waitMs,
        });
        await clock.delay(waitMs, signal);
      }
    }
  }

  const isHole = (): boolean => {
    held = held.filter(({ position }) => next === null || position >= next).sort(byPosition);
    const [first] = held;
    return first !== undefined && next !== null && first.position > next;
  };

  async function fill(): Promise<void> {
    fillAgain = true;
    if (filling) return;
    filling = true;
    try {
      for (let retries = 0; fillAgain; ) {
        fillAgain = false;
        await fetchAll();
        if (!fillAgain && isHole() && retries < holeRetries) {
          await clock.delay(providerBackoffMs(retries++, clock), signal);
          fillAgain = true;
        }
      }
      isHole();
      const waiting = held;
      held = [];
      for (const place of waiting) deliver(place);
    } finally {
      filling = false;
    }
  }

  return {
    fill,
    async received(place) {
      if (!filling && (next === null || place.position <= next)) return deliver(place);
      held.push(place);
      if (!filling) return fill();
      if (held.length < MAX_HELD) return;
      held = [];
      fillAgain = true;
    },
  };
}
