import type { Event, JsonObject, Observations, StreamDefinition } from '@crunch-node/streams';

/** An event with its place in a stream. */
export interface Recorded<E extends Event = Event> {
  readonly event: E;
  readonly obs: Observations | undefined;
  readonly sequence: number;
  /** without the namespace */
  readonly natsSubject: string;
  /** when the server stored it, unix microseconds; measured, so no decision depends on it */
  readonly stored_us?: number;
  /** length of its text, for memory accounting */
  readonly bytes?: number;
  /** W3C trace context it was published in, when requested; measured, so no decision depends on it */
  readonly traceparent?: string;
}

/** A message that is not an event of its stream. */
export interface Malformed {
  readonly sequence: number;
  readonly natsSubject: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly payload: Uint8Array;
  readonly reason: string;
}

/** A message that readers skip: malformed, or of a type or version this code does not know. */
export interface Skipped {
  readonly sequence: number;
  readonly natsSubject: string;
}

/** A batch from a reader: consecutive messages of the stream, in order, without gaps. */
export interface Batch<E extends Event = Event> {
  readonly events: readonly Recorded<E>[];
  readonly malformed: readonly Malformed[];
  /** how many messages had a type or version this code does not know */
  readonly unknown: number;
  /** the malformed and the unknown ones, in order */
  readonly skipped: readonly Skipped[];
  /** sequence of the last message of the batch, of whatever type; the position to continue from */
  readonly lastSequence: number;
  /** `Nats-Msg-Id` of that message; empty when it had none */
  readonly lastMessageId: string;
  /** messages of the stream after this batch, as the server last reported */
  readonly pending: number;
}

/** A message as it is stored, event or not. */
export interface StoredMessage {
  readonly sequence: number;
  /** without the namespace */
  readonly natsSubject: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly payload: Uint8Array;
  /** unix microseconds */
  readonly stored_us: number;
}

/** A stream that becomes a copy of another one. */
export interface StreamCopy {
  /** what it has so far */
  readonly lastSequence: number;
  /** Creates the stream if it is missing and marks it; returns its last sequence. @throws {CopyDiffers} */
  begin(): Promise<number>;
  /**
   * Resolves when all are stored at their own sequences, over restarts of the server.
   * @param messages those that follow what it has, in order
   * @param repeated sequences of messages whose id already occurred: the server has to forget that id first
   * @throws {CopyDiffers} {StreamFullError} {AppendRefused} {LogUnavailable}
   */
  write(messages: readonly StoredMessage[], repeated: ReadonlySet<number>): Promise<void>;
  /** Removes the mark, which completes the copy. */
  finish(): Promise<void>;
}

export interface ReadOptions {
  /** sequence already handled; 0 reads from the start */
  readonly after: number;
  /** default 1000 */
  readonly maxEvents?: number;
  /**
   * How long to wait for a batch to fill once it has a message, default 20. At the end of the stream the wait counts
   * from the previous batch, so that a message after a pause is delivered at once. 0: no wait.
   */
  readonly maxWaitMs?: number;
  /** At the end of the stream a batch waits no longer when nothing arrived for so long; default: `maxWaitMs` */
  readonly quietMs?: number;
  /** whether trace contexts are needed: parsing headers costs time */
  readonly traces?: boolean;
  /** ends the iteration */
  readonly signal?: AbortSignal;
}

export interface Message<E extends Event = Event> {
  readonly event: E;
  readonly natsSubject: string;
  readonly obs?: Observations;
  /** `Nats-Expected-Last-Subject-Sequence`; 0: the subject must be empty; absent: not checked */
  readonly expectedLastSequence?: number;
  readonly traceparent?: string;
}

export interface Appended {
  readonly sequence: number;
  /** the server already had it from our own earlier attempt; a duplicate on a first attempt throws instead */
  readonly duplicate: boolean;
}

/**
 * Publishes in order, many in flight. After a disconnect, a negative or a missing acknowledgement it stops sending new
 * events, resends everything unacknowledged from the oldest, in order, and then continues.
 */
export interface Publisher {
  /**
   * Resolves when the server has stored the event. Order of calls is order in the stream.
   * @throws {FencedError} duplicate or sequence conflict on a first attempt: another owner is at work
   * Waiting appends are kept in memory, also while the server is away: await some before adding more.
   * With an expected sequence, append one event of a subject at a time.
   * @throws {StreamFullError} the stream is at its limit; no event that was not yet in flight is sent after it, and
   * those in flight get the server's response
   * @throws {AppendRefused} permanently: larger than the server accepts, not permitted, a sealed stream
   * @throws {StreamMissing} {StreamSilent} {LogClosed}
   */
  append(stream: StreamDefinition, message: Message): Promise<Appended>;
  /** Resolves when nothing is in flight. */
  flush(): Promise<void>;
  close(): Promise<void>;
  /** Rejects what is not acknowledged, at once: the next writer publishes it again. */
  abandon(): void;
}

export interface PublisherOptions {
  /** per stream, default 4096 */
  readonly maxInFlight?: number;
  /** per stream, default 16 MiB */
  readonly maxInFlightBytes?: number;
  /** a response that takes longer counts as missing, default 5000 */
  readonly ackTimeoutMs?: number;
  /**
   * how long a stream may be unresponsive on a connected server before it is given up ({@link StreamSilent}); default
   * 30 000
   */
  readonly silentMs?: number;
  /** called for every event that is stored: milliseconds from append to acknowledgement, and the number of attempts */
  readonly onStored?: (tookMs: number, attempts: number, duplicate: boolean) => void;
}

export interface StreamInfo {
  /** the stream's identity: a recreated stream has another; empty for users who may only look up messages */
  readonly created: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly bytes: number;
  /** replicas of the stream; absent for users who may only look up messages */
  readonly replicas?: number;
  /** name of the leader of the stream; absent on a single server, and while there is none */
  readonly leader?: string;
}

/**
 * Held while `signal` is not aborted. Losing it aborts the signal; a holder whose renewal is overdue loses it by its
 * own clock.
 */
export interface Lease {
  readonly name: string;
  readonly signal: AbortSignal;
  /** What each renewal from now on publishes with the lease: the progress of its holder. */
  annotate(note: () => JsonObject): void;
  release(): Promise<void>;
}

/** A lease as observers see it. */
export interface HeldLease {
  readonly name: string;
  /** for people; several holders may share it */
  readonly owner: string;
  /** what the holder published with its last renewal */
  readonly note: JsonObject | null;
}

export interface Leases {
  /** how long a lease outlives its holder */
  readonly leaseMs: number;
  /** Waits until the lease is free and takes it. @throws AbortError when `signal` aborts first */
  acquire(name: string, signal: AbortSignal): Promise<Lease>;
  /** Takes it if it is free now, else null. */
  tryAcquire(name: string): Promise<Lease | null>;
  /** name → owner, of the leases currently held */
  holders(): Promise<ReadonlyMap<string, string>>;
  /** Leases currently held. @param prefix of their names */
  held(prefix?: string): Promise<readonly HeldLease[]>;
  /** Calls back when a lease was taken or given up. Notifications may be lost: poll as well. */
  onChange(listener: (name: string) => void): () => void;
}

/** One of the newest states saved under a name. */
export interface StateHead {
  readonly slot: number;
  readonly bytes: number;
  /** the description saved with it */
  readonly about: JsonObject;
}

/** Saved states of stages, which save time: losing any of them changes no result. Two per name. */
export interface StateStore {
  heads(name: string): Promise<readonly StateHead[]>;
  /** Null when it is gone or damaged. */
  load(name: string, head: StateHead): Promise<Uint8Array | null>;
  /**
   * Replaces the content of the slot; a partial write counts as none.
   * @returns bytes @throws {StateNotSaved} and whatever else it runs into
   */
  save(
    name: string,
    slot: number,
    about: JsonObject,
    parts: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<number>;
}

/** A registered responder. */
export interface Responder {
  /** Accepts no more requests; resolves when the accepted ones have their replies. */
  close(): Promise<void>;
}

export interface Capabilities {
  readonly serverVersion: string;
  readonly maxPayload: number;
}
