/**
 * The order of one stream. Messages are sent many at a time without waiting; any event that makes the outcome of one
 * unknown (a lost connection, no response, a stream that is not up yet) takes all of them back, and they are sent again
 * from the oldest. After that, and at first, a single message is sent until the stream has responded: with many in
 * flight, a stream that is just starting would miss the first and store the rest.
 */
import type { MsgHdrs } from 'nats';
import { type Ack, readAck } from './ack.ts';
import type { Connection } from './connection.ts';
import { crashPoint } from './crash-point.ts';
import { AppendRefused, FencedError, LogClosed, StreamFullError, StreamMissing, StreamSilent } from './errors.ts';
import type { Appended } from './log.ts';
import type { Lookups } from './lookups.ts';
import { Queue } from './queue.ts';

export interface Entry {
  readonly number: number;
  readonly streamPublisher: StreamPublisher;
  readonly eventId: string;
  /** with the namespace */
  readonly natsSubject: string;
  readonly payload: Uint8Array;
  readonly headers: MsgHdrs;
  readonly bytes: number;
  /** carries an expected last sequence: a duplicate of its first attempt is from another writer */
  readonly guarded: boolean;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: Error) => void;
  attempts: number;
  sentAt: number;
  settled: boolean;
  /** its first attempt met the same id in process: if that gets stored, another writer stored it */
  foreign: boolean;
}

export interface StreamPublisherOptions {
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
  readonly ackTimeoutMs: number;
  readonly silentMs: number;
}

/** What a stream publisher needs from its publisher. */
export interface StreamPublisherContext {
  readonly connection: Connection;
  replyFor(entry: Entry): string;
  /** the entry has its response: release its number */
  settled(entry: Entry): void;
  readonly lookups: Lookups;
}

const RETRY_MS = 100;
/** How long a stream without responder is assumed to be starting before the server is queried about it. */
const MISSING_AFTER_MS = 2_000;

export class StreamPublisher {
  readonly #stream: string;
  readonly #context: StreamPublisherContext;
  readonly #options: StreamPublisherOptions;
  readonly #unsent = new Queue<Entry>();
  #inFlight = new Set<Entry>();
  #inFlightBytes = 0;
  #generation: object | undefined;
  #alone = true;
  #full: string | null = null;
  #retry: NodeJS.Timeout | null = null;
  #unservedSince: number | null = null;
  /** since when requests on one connection are without response */
  #silentSince: number | null = null;

  constructor(stream: string, context: StreamPublisherContext, options: StreamPublisherOptions) {
    this.#stream = stream;
    this.#context = context;
    this.#options = options;
  }

  add(entry: Entry): void {
    if (this.#full !== null) {
      this.#settle(entry, () => entry.reject(new StreamFullError(this.#stream, entry.eventId, this.#full!)));
      return;
    }
    this.#unsent.push(entry);
    if (this.#unsent.size === 1) this.sendNext();
  }

  /** Sends what may be sent now, in order. */
  sendNext(): void {
    const { connection } = this.#context;
    if (this.#retry !== null || !connection.connected) return;
    const generation = connection.generation;
    if (generation === undefined) return;
    if (generation !== this.#generation) {
      this.requeueInFlight();
      this.#generation = generation;
      this.#silentSince = null;
    }
    while (this.#hasRoom()) {
      const entry = this.#unsent.shift();
      if (entry === undefined) return;
      if (!entry.settled) this.#send(entry);
    }
  }

  /** Everything in flight has to be sent again, from the oldest, starting with a single message. */
  requeueInFlight(): void {
    this.#alone = true;
    if (this.#inFlight.size === 0) return;
    this.#unsent.unshift([...this.#inFlight]);
    this.#inFlight.clear();
    this.#inFlightBytes = 0;
  }

  /** Called periodically: the age of the oldest message in flight decides whether responses are missing. */
  checkOverdue(now: number): void {
    const [oldest] = this.#inFlight;
    if (oldest === undefined || now - oldest.sentAt < this.#options.ackTimeoutMs) return;
    this.#silentSince ??= oldest.sentAt;
    if (now - this.#silentSince >= this.#options.silentMs) {
      this.abandon(new StreamSilent(this.#stream, Math.round(now - this.#silentSince)));
      return;
    }
    this.requeueInFlight();
    this.sendNext();
  }

  /** @param attempt which attempt the response belongs to */
  answered(entry: Entry, attempt: number, message: Parameters<typeof readAck>[0]): void {
    if (entry.settled) return;
    const ack = readAck(message);
    if (ack === null) return;
    if (ack.kind === 'pending' && attempt === 1) entry.foreign = true;
    if (ack.kind === 'stored') {
      crashPoint('stored');
      this.#received();
      const fenced = ack.duplicate && entry.guarded && (attempt === 1 || entry.foreign);
      this.#settle(entry, () =>
        fenced
          ? entry.reject(new FencedError(entry.natsSubject, entry.eventId, 'the server already had it'))
          : entry.resolve({ sequence: ack.sequence, duplicate: ack.duplicate }),
      );
      this.sendNext();
    } else if (this.#inFlight.has(entry) && attempt === entry.attempts) {
      this.#declined(entry, ack);
      this.sendNext();
    }
    // Otherwise a refusal of an attempt that was already taken back: the next one gets its own response.
  }

  denied(natsSubject: string): void {
    for (const entry of [...this.#inFlight, ...this.#unsent.items()]) {
      if (entry.natsSubject !== natsSubject) continue;
      this.#settle(entry, () =>
        entry.reject(
          new AppendRefused(natsSubject, entry.eventId, 'its user may not publish there: check the permissions'),
        ),
      );
    }
    this.sendNext();
  }

  abandon(error: Error = new LogClosed()): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#unservedSince = null;
    this.#silentSince = null;
    for (const entry of [...this.#inFlight, ...this.#unsent.take()]) this.#settle(entry, () => entry.reject(error));
  }

  #hasRoom(): boolean {
    const { maxInFlight, maxInFlightBytes } = this.#options;
    if (this.#inFlight.size === 0) return true;
    return !this.#alone && this.#inFlight.size < maxInFlight && this.#inFlightBytes < maxInFlightBytes;
  }

  #send(entry: Entry): void {
    entry.attempts++;
    entry.sentAt = performance.now();
    this.#inFlight.add(entry);
    this.#inFlightBytes += entry.bytes;
    const { natsSubject, payload, headers, eventId } = entry;
    const options = { headers, reply: this.#context.replyFor(entry) };
    this.#context.connection.outbox.send(natsSubject, payload, options, (error) => {
      if (error !== null)
        this.#settle(entry, () => entry.reject(new AppendRefused(natsSubject, eventId, error.message)));
      this.sendNext();
    });
  }

  #declined(entry: Entry, ack: Exclude<Ack, { kind: 'stored' }>): void {
    switch (ack.kind) {
      case 'conflict':
        this.#received();
        if (entry.attempts === 1 || entry.foreign) {
          this.#settle(entry, () => entry.reject(new FencedError(entry.natsSubject, entry.eventId, ack.reason)));
        } else void this.#decideConflict(entry, ack.reason);
        return;
      case 'full':
        this.#received();
        this.#refuseBehind(entry, ack.reason);
        return;
      case 'refused':
        this.#received();
        this.#settle(entry, () => entry.reject(new AppendRefused(entry.natsSubject, entry.eventId, ack.reason)));
        return;
      case 'pending': // retried until it has a sequence, or the message of another writer has it
      case 'transient':
        this.#unservedSince ??= performance.now();
        this.#silentSince = null;
        this.requeueInFlight();
        this.#retry = setTimeout(() => void this.#tryAgain(), RETRY_MS);
    }
  }

  /** Newer servers check sequences before ids, so our own earlier attempt shows as a conflict. */
  async #decideConflict(entry: Entry, reason: string): Promise<void> {
    try {
      const last = await this.#context.lookups.lastMessage(this.#stream, entry.natsSubject);
      this.#settle(entry, () =>
        last?.id === entry.eventId
          ? entry.resolve({ sequence: last.sequence, duplicate: true })
          : entry.reject(new FencedError(entry.natsSubject, entry.eventId, reason)),
      );
    } catch (error) {
      this.#settle(entry, () => entry.reject(error as Error));
    }
    this.sendNext();
  }

  /**
   * Later messages in flight get the server's own response (a smaller one may have fitted); unsent ones are held back
   * until all responses are in, so that nothing is reordered.
   */
  #refuseBehind(entry: Entry, reason: string): void {
    const full = (e: Entry) => () => e.reject(new StreamFullError(this.#stream, e.eventId, reason));
    this.#settle(entry, full(entry));
    this.#full = this.#inFlight.size > 0 ? reason : null;
    const waiting = this.#unsent.take();
    this.#unsent.unshift(waiting.filter((e) => e.attempts > 0)); // sent before: their outcome is unknown
    for (const e of waiting) if (e.attempts === 0) this.#settle(e, full(e));
  }

  async #tryAgain(): Promise<void> {
    if (this.#unservedSince !== null && performance.now() - this.#unservedSince > MISSING_AFTER_MS) {
      const exists = await this.#context.lookups.exists(this.#stream).catch(() => true);
      if (!exists) return this.abandon(new StreamMissing(this.#stream));
      // 2.9 disables JetStream when its disk is full, and does not enable it again.
      const waitedMs = this.#unservedSince === null ? 0 : performance.now() - this.#unservedSince;
      if (waitedMs > this.#options.silentMs) {
        this.abandon(new StreamSilent(this.#stream, Math.round(waitedMs)));
        return;
      }
    }
    this.#retry = null;
    this.sendNext();
  }

  /** The stream itself responded, with whatever result: it is up. */
  #received(): void {
    this.#alone = false;
    this.#unservedSince = null;
    this.#silentSince = null;
  }

  #settle(entry: Entry, notify: () => void): void {
    if (entry.settled) return;
    entry.settled = true;
    if (this.#inFlight.delete(entry)) this.#inFlightBytes -= entry.bytes;
    if (this.#inFlight.size === 0) this.#full = null;
    this.#context.settled(entry);
    notify();
  }
}
