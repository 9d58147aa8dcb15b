import type { FeedRecord } from '@crunch-node/domain';
import { byAtAndKey } from '@crunch-node/feeds';
import { addSeconds, type Instant, instantOfMillis, millisOf } from '@crunch-node/streams';
import { type Bounds, boundaryAtOrAfter } from './closing.ts';

/** A record as it was received, with the time of receipt (Unix microseconds). */
export interface Arrival {
  readonly record: FeedRecord;
  readonly receivedMicros: number;
}

export type LiveStep =
  | { readonly kind: 'record'; readonly arrival: Arrival }
  | { readonly kind: 'closing'; readonly bounds: Bounds }
  /** nothing to do before that time, unless something arrives */
  | { readonly kind: 'wait'; readonly untilMs: number };

export interface LiveOrderOptions {
  readonly subjects: readonly string[];
  readonly cycleSeconds: number;
  readonly latenessSeconds: number;
  /** end of the last closing in the log */
  readonly closedTo: Instant | null;
  /** where the first cycle begins when nothing was ever closed */
  readonly origin: Instant;
  /** no subject is given up on before lateness has passed since this run began to catch up */
  readonly resumedAtMs: number;
  /** time in which a feed cannot publish again after a record, in microseconds: a candle's length less one */
  readonly quietMicros: number;
}

/**
 * After an outage every missed boundary is closed, except empty ones further back than this: each would cost every
 * stage and partition a message without information. A cycle then spans several boundaries.
 */
export const MAX_EMPTY_CYCLES = 1_000;

/**
 * Decides, live, what is published next: records at once unless their cycle has not begun, closings when every subject
 * has confirmed the boundary or `lateness` is over. Has no clock; the caller passes the time.
 */
export class LiveOrder {
  readonly #options: LiveOrderOptions;
  /** per subject, ascending by `at` */
  readonly #queues: Map<string, Arrival[]>;
  readonly #confirmed = new Map<string, Instant>();
  #closedTo: Instant | null;
  /** the boundary to be closed next */
  #end: Instant;
  #publishedInCycle = 0;

  constructor(options: LiveOrderOptions) {
    this.#options = options;
    this.#queues = new Map(options.subjects.map((subject) => [subject, []]));
    this.#closedTo = options.closedTo;
    this.#end = this.#after(options.closedTo ?? options.origin);
  }

  /** Arrivals of one subject ascend by `at`. */
  offer(arrival: Arrival): void {
    const queue = this.#queues.get(arrival.record.subject);
    if (queue === undefined) throw new RangeError(`expected a configured subject, received ${arrival.record.subject}`);
    queue.push(arrival);
  }

  /** How many records of a subject wait for their cycle. */
  backlog(subject: string): number {
    return this.#queues.get(subject)?.length ?? 0;
  }

  /** Everything of the subject up to that instant has been offered. */
  confirm(subject: string, upTo: Instant): void {
    const through = addSeconds(upTo, this.#options.quietMicros / 1e6);
    const before = this.#confirmed.get(subject);
    if (before === undefined || before < through) this.#confirmed.set(subject, through);
  }

  /** Decides the next step; the caller carries it out before calling again. */
  next(nowMs: number): LiveStep {
    for (;;) {
      const queue = this.#earliest();
      const head = queue?.[0];
      if (queue !== undefined && head !== undefined && head.record.at <= this.#end) {
        queue.shift();
        this.#publishedInCycle++;
        return { kind: 'record', arrival: head };
      }
      const endMs = millisOf(this.#end);
      const deadlineMs = Math.max(endMs, this.#options.resumedAtMs) + this.#options.latenessSeconds * 1000;
      const due = nowMs >= deadlineMs || (nowMs >= endMs && this.#isConfirmed());
      if (!due) return { kind: 'wait', untilMs: nowMs < endMs ? endMs : deadlineMs };
      if (this.#passOverEmpty(nowMs, head?.record.at)) continue;
      return { kind: 'closing', bounds: this.#close() };
    }
  }

  #close(): Bounds {
    const bounds = { start: this.#closedTo, end: this.#end };
    this.#closedTo = this.#end;
    this.#end = this.#after(this.#end);
    this.#publishedInCycle = 0;
    return bounds;
  }

  #passOverEmpty(nowMs: number, nextAt: Instant | undefined): boolean {
    const { cycleSeconds } = this.#options;
    if (this.#publishedInCycle > 0) return false;
    const horizon = instantOfMillis(nowMs - MAX_EMPTY_CYCLES * cycleSeconds * 1000);
    const target = boundaryAtOrAfter(nextAt !== undefined && nextAt < horizon ? nextAt : horizon, cycleSeconds);
    if (target <= this.#end) return false;
    this.#end = target;
    return true;
  }

  #isConfirmed(): boolean {
    return this.#options.subjects.every((subject) => (this.#confirmed.get(subject) ?? '') >= this.#end);
  }

  #earliest(): Arrival[] | undefined {
    let earliest: Arrival[] | undefined;
    for (const queue of this.#queues.values()) {
      const head = queue[0];
      if (head === undefined) continue;
      if (earliest === undefined || byAtAndKey(head.record, earliest[0]!.record) < 0) earliest = queue;
    }
    return earliest;
  }

  /** The boundary behind an instant, also when a changed `cycle_seconds` has left the instant between two. */
  #after(instant: Instant): Instant {
    return boundaryAtOrAfter(addSeconds(instant, 1e-6), this.#options.cycleSeconds);
  }
}
