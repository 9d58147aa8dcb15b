import type { JsonObject } from '@crunch-node/streams';

/** The progress of a partition, published with each renewal of its lease. */
export interface Standing {
  /** last sequence read, by stream; of a prompt stage: last sequence processed */
  readonly read: Readonly<Record<string, number>>;
  /** end of the last cycle it has closed itself */
  readonly closed: string | null;
  /** closings it waits for; empty while it has work in progress */
  readonly waits_for: readonly string[];
  /** events, cycles or rounds in progress */
  readonly pending: number;
  /** milliseconds since any of this changed */
  readonly still_ms: number;
  /** the owner's monotonic clock: two readings give a rate */
  readonly clock_ms: number;
  /** further information for people, small: the number of rejected rows of a feed, for instance */
  readonly facts?: JsonObject;
}

/** The progress of a partition, for leases, metrics and status. */
export class Progress {
  readonly #read = new Map<string, number>();
  #waitsFor: () => readonly string[] = () => [];
  #closed: string | null = null;
  #seen: string | null = null;
  #pending: () => number = () => 0;
  #facts: () => JsonObject = () => ({});
  #lastPending = 0;
  #movedAt = performance.now();

  /** End of the newest cycle closed by an input. */
  get seen(): string | null {
    return this.#seen;
  }

  get closed(): string | null {
    return this.#closed;
  }

  /** Work in progress advanced. */
  moved(): void {
    this.#movedAt = performance.now();
  }

  readTo(stream: string, sequence: number): void {
    this.#read.set(stream, sequence);
    this.moved();
  }

  sawClosing(end: string): void {
    if (end !== '' && (this.#seen === null || end > this.#seen)) this.#seen = end;
  }

  close(end: string): void {
    this.#closed = end;
    this.moved();
  }

  /** The closings it waits for while it has no work in progress. */
  waitFor(addresses: () => readonly string[]): void {
    this.#waitsFor = addresses;
  }

  /** Events, cycles or rounds that are read and not done. */
  get pending(): number {
    return this.#pending();
  }

  /** How work in progress is counted. */
  countPending(count: () => number): void {
    this.#pending = count;
  }

  /** Further information for people. It is part of each renewal of a lease: a few hundred bytes at most. */
  describe(facts: () => JsonObject): void {
    this.#facts = facts;
  }

  standing(): Standing & JsonObject {
    const pending = this.#pending();
    if (pending < this.#lastPending) this.moved();
    this.#lastPending = pending;
    const clock_ms = performance.now();
    const facts = this.#facts();
    return {
      read: Object.fromEntries(this.#read),
      closed: this.#closed,
      waits_for: pending > 0 ? [] : [...this.#waitsFor()],
      pending,
      still_ms: Math.round(clock_ms - this.#movedAt),
      clock_ms: Math.round(clock_ms),
      ...(Object.keys(facts).length > 0 && { facts }),
    };
  }
}
