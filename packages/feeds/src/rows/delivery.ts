import type { FeedRecord } from '@crunch-node/domain';
import { addSeconds, type Instant, millisOf } from '@crunch-node/streams';
import type { ProviderClock } from '../clock.ts';
import type { FeedReports, FeedSink } from '../provider.ts';
import { Recent } from './recent.ts';

/** A clock elsewhere may be ahead of ours by so much. What is further ahead would silence its feed until then. */
const AHEAD_MS = 5 * 60_000;
const REMEMBERED = 20_000;

export interface DeliveryContext {
  readonly subject: string;
  /** where to begin to look, epoch milliseconds */
  readonly startMs: number;
  readonly sink: FeedSink;
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
}

/** What becomes of a record. `open`: a candle that still grows, to be given when it has closed. */
export type Given = 'given' | 'known' | 'open' | 'refused';

/** Gives the records of one subject to the sink, each once, ascending, whatever order and how often they come in. */
export class Delivery {
  readonly #context: DeliveryContext;
  readonly #recent = new Recent(REMEMBERED);
  #newestMs = Number.NEGATIVE_INFINITY;
  #cursorMs: number;

  constructor(context: DeliveryContext) {
    this.#context = context;
    this.#cursorMs = context.startMs;
  }

  /** Where to look for more: rows of that very millisecond may still come. */
  get cursorMs(): number {
    return this.#cursorMs;
  }

  /** Begins to look earlier. */
  lookFrom(startMs: number): void {
    this.#cursorMs = Math.min(this.#cursorMs, startMs);
  }

  /** A row up to that time has been seen, record or not. */
  passed(tsMs: number): void {
    if (tsMs <= this.#context.clock.nowMs() + AHEAD_MS) this.#cursorMs = Math.max(this.#cursorMs, tsMs);
  }

  /** Whether it came before, as far as that is remembered. */
  knows(record: FeedRecord): boolean {
    return this.#recent.has(idOf(record));
  }

  /** @param isClosed the source itself marks the candle as complete */
  give(record: FeedRecord, isClosed = false): Given {
    const { subject, sink, clock, reports } = this.#context;
    const id = idOf(record);
    if (this.#recent.has(id)) return 'known';
    const nowMs = clock.nowMs();
    if (record.ts_event > nowMs + AHEAD_MS) {
      return this.#refuse(id, () =>
        reports.rejected({ reason: 'bad_time', detail: `${record.at} has not come yet`, origin: originOf(record) }),
      );
    }
    if (record.kind === 'candle' && !isClosed && millisOf(record.at) > nowMs) return 'open';
    if (record.ts_event < this.#newestMs) {
      return this.#refuse(id, () =>
        reports.rejected({
          reason: 'out_of_order',
          detail: `${record.ts_event} after ${this.#newestMs}`,
          origin: originOf(record),
        }),
      );
    }
    this.#recent.add(id);
    this.#newestMs = record.ts_event;
    this.passed(record.ts_event);
    sink.record(record);
    sink.confirmed(subject, completeTo(record));
    return 'given';
  }

  #refuse(id: string, report: () => void): Given {
    this.#recent.add(id);
    report();
    return 'refused';
  }
}

/** Of a tick another may come in the same instant; of a candle not. */
const completeTo = ({ kind, at }: FeedRecord): Instant => (kind === 'candle' ? at : addSeconds(at, -1e-6));

const idOf = ({ ts_event, ordinal = '' }: FeedRecord): string => `${ts_event}:${ordinal}`;

const originOf = ({ source, subject, ordinal }: FeedRecord): string => [source, subject, ordinal].join(' ').trim();
