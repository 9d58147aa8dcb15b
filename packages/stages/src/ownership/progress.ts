import type { JsonObject } from '@crunch-node/streams';

/** Where a partition stands, as its lease tells it with each renewal. */
export interface Standing {
  /** last sequence read, by stream; of a prompt stage: looked at */
  readonly read: Readonly<Record<string, number>>;
  /** end of the last cycle it has closed itself */
  readonly closed: string | null;
  /** closings it waits for; empty while it has something in hand */
  readonly waits_for: readonly string[];
  /** events, cycles or rounds in hand */
  readonly pending: number;
  /** milliseconds since anything of this changed */
  readonly still_ms: number;
  /** the owner's monotonic clock: two looks apart give a rate */
  readonly clock_ms: number;
  /** what else a person should know of the stage, small: rows of a feed that were rejected, for instance */
  readonly facts?: JsonObject;
}

/** What a partition gets done, for leases, metrics and whoever asks. */
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

  /** Something came nearer to its end. */
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

  /** Which closings it waits for while it has nothing in hand. */
  waitFor(addresses: () => readonly string[]): void {
    this.#waitsFor = addresses;
  }

  /** Events, cycles or rounds that are read and not done. */
  get pending(): number {
    return this.#pending();
  }

  /** How what is in hand is counted. */
  countPending(count: () => number): void {
    this.#pending = count;
  }

  /** What else a person should know. It is part of each renewal of a lease: a few hundred bytes at most. */
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
