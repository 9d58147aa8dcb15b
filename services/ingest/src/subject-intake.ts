import type { FeedRecord } from '@crunch-node/domain';
import type { Instant } from '@crunch-node/streams';
import type { Arrival } from './live-order.ts';

/** The newest record of a feed in the log. */
export interface Newest extends Pick<FeedRecord, 'at' | 'ts_event' | 'ordinal'> {
  /** of all records in the log that share its time, where ordinals are no numbers */
  readonly ordinals?: ReadonlySet<string>;
}

export interface IntakeOutlet {
  /** false: not a record, and reported as such */
  accepts(record: FeedRecord): boolean;
  deliver(arrival: Arrival): void;
  confirm(upTo: Instant): void;
  duplicate(): void;
}

/** A trade id or a row number: of two with one time the greater one is the later. */
const NUMBERED = /^\d{1,19}$/;

export const isNumbered = (ordinal: string | undefined): ordinal is string =>
  ordinal !== undefined && NUMBERED.test(ordinal);

/**
 * First `ts_event` to catch up from. The log may end between two records of one time; their numbers, or else a list of
 * ids, show which of them it already holds.
 */
export const resumeAt = ({ ts_event, ordinal, ordinals }: Newest): number =>
  isNumbered(ordinal) || ordinals !== undefined ? ts_event : ts_event + 1;

/**
 * The records of one subject, from catching up and from the live feed. Live records are held back until the past is
 * complete; a record not newer than the ones taken before is a duplicate.
 */
export class SubjectIntake {
  readonly #out: IntakeOutlet;
  #held: (() => void)[] | null = [];
  #newestMs: number;
  /** of the records that share the newest time */
  #ordinals: Set<string | undefined>;

  constructor(newest: Newest | null, out: IntakeOutlet) {
    this.#out = out;
    this.#newestMs = newest?.ts_event ?? Number.NEGATIVE_INFINITY;
    this.#ordinals = new Set<string | undefined>(newest?.ordinals ?? [newest?.ordinal]);
    if (newest !== null) out.confirm(newest.at);
  }

  /** How many live records may wait for the past. */
  get heldBack(): number {
    return this.#held?.length ?? 0;
  }

  /** A record of the past. */
  take(arrival: Arrival): void {
    const { record } = arrival;
    if (!this.#out.accepts(record)) return;
    const { ts_event, ordinal } = record;
    if (ts_event < this.#newestMs || (ts_event === this.#newestMs && this.#hasHad(ordinal))) {
      this.#out.duplicate();
      return;
    }
    if (ts_event > this.#newestMs) this.#ordinals = new Set();
    this.#ordinals.add(ordinal);
    this.#newestMs = ts_event;
    this.#out.deliver(arrival);
  }

  #hasHad(ordinal: string | undefined): boolean {
    if (this.#ordinals.has(ordinal)) return true;
    return isNumbered(ordinal) && [...this.#ordinals].some((had) => isNumbered(had) && BigInt(had) >= BigInt(ordinal));
  }

  confirm(upTo: Instant): void {
    this.#out.confirm(upTo);
  }

  /** A record of the live feed. */
  takeLive(arrival: Arrival): void {
    if (this.#held === null) this.take(arrival);
    else this.#held.push(() => this.take(arrival));
  }

  confirmLive(upTo: Instant): void {
    if (this.#held === null) this.confirm(upTo);
    else this.#held.push(() => this.confirm(upTo));
  }

  /** The past is complete: records held back follow, in order. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const arrive of held) arrive();
  }
}
