import type { Event, JsonObject, Observations, StreamDefinition } from '@crunch-node/streams';

/** An event at its place in a stream. */
export interface Recorded<E extends Event = Event> {
  readonly event: E;
  readonly obs: Observations | undefined;
  readonly sequence: number;
  /** without the namespace */
  readonly natsSubject: string;
  /** when the server stored it, unix microseconds; measured, so nothing is decided by it */
  readonly stored_us?: number;
  /** of its text, for whoever keeps account of memory */
  readonly bytes?: number;
  /** W3C trace context it was said in, when asked for: measured, so nothing is decided by it */
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

/** A message readers pass over: malformed, or of a type or version this code does not know. */
export interface Skipped {
  readonly sequence: number;
  readonly natsSubject: string;
}

/** What a reader delivers: a stretch of the stream, in order, without gaps. */
export interface Batch<E extends Event = Event> {
  readonly events: readonly Recorded<E>[];
  readonly malformed: readonly Malformed[];
  /** how many messages had a type or version this code does not know */
  readonly unknown: number;
  /** the malformed and the unknown ones, in order */
  readonly skipped: readonly Skipped[];
  /** sequence of the last message of the stretch, whatever it was; where to go on from */
  readonly lastSequence: number;
  /** `Nats-Msg-Id` of that message; empty when it had none */
  readonly lastMessageId: string;
  /** messages of the stream behind this batch, as the server last reported */
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
  /** Creates the stream if it is missing and marks it; answers the last sequence it has. @throws {CopyDiffers} */
  begin(): Promise<number>;
  /**
   * Resolves when all are stored at their own sequences, over restarts of the server.
   * @param messages those that follow what it has, in order
   * @param repeated sequences of messages whose id an earlier one has: the server has to forget that first
   * @throws {CopyDiffers} {StreamFullError} {AppendRefused} {LogUnavailable}
   */
  write(messages: readonly StoredMessage[], repeated: ReadonlySet<number>): Promise<void>;
  /** Takes the mark away: it is a stream like any other. */
  finish(): Promise<void>;
}

export interface ReadOptions {
  /** sequence already handled; 0 reads from the start */
  readonly after: number;
  /** default 1000 */
  readonly maxEvents?: number;
  /**
   * How long to wait for a batch to fill once it has a message, default 20. At the end of the stream the wait counts
   * from the previous batch, so that a message after a silence comes at once. 0: whatever is there.
   */
  readonly maxWaitMs?: number;
  /** whether trace contexts are wanted: taking headers apart costs time */
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
  /** the server already had it: our own earlier attempt, since a first attempt that meets a duplicate throws */
  readonly duplicate: boolean;
}

/**
 * Publishes in order, many in flight. On a disconnect, a negative or a missing acknowledgement it stops accepting,
 * resends everything unacknowledged from the oldest, in order, and only then goes on.
 */
export interface Publisher {
  /**
   * Resolves when the server has stored the event. Order of calls is order in the stream.
   * @throws {FencedError} duplicate or sequence conflict on a first attempt: another owner is at work
   * Waiting appends are kept in memory, also while the server is away: await some before adding more.
   * With an expected sequence, append one event of a subject at a time.
   * @throws {StreamFullError} the stream is at its limit; nothing that was not yet on its way is sent after it, and what
   * was gets the server's own answer
   * @throws {AppendRefused} for good: larger than the server takes, not permitted, a sealed stream
   * @throws {StreamMissing} {StreamSilent} {LogClosed}
   */
  append(stream: StreamDefinition, message: Message): Promise<Appended>;
  /** Resolves when nothing is in flight. */
  flush(): Promise<void>;
  close(): Promise<void>;
  /** Gives up what is not acknowledged, at once: whoever writes next says it. */
  abandon(): void;
}

export interface PublisherOptions {
  /** per stream, default 4096 */
  readonly maxInFlight?: number;
  /** per stream, default 16 MiB */
  readonly maxInFlightBytes?: number;
  /** an answer that takes longer counts as missing, default 5000 */
  readonly ackTimeoutMs?: number;
  /** a stream that answers nothing for so long, the server being there, is given up ({@link StreamSilent}); default 30 000 */
  readonly silentMs?: number;
  /** told of every event that is stored: milliseconds from handing it over to the answer, and how often it was sent */
  readonly onStored?: (tookMs: number, attempts: number, duplicate: boolean) => void;
}

export interface StreamInfo {
  /** the stream's identity: a recreated stream has another; empty for who may only look messages up */
  readonly created: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly bytes: number;
  /** copies the servers keep; absent for who may only look messages up */
  readonly replicas?: number;
  /** name of the server all appends go through; absent on a single server, and while there is none */
  readonly leader?: string;
}

/** Held while `signal` is not aborted. Losing it aborts the signal; a holder whose renewal is overdue loses it by its own clock. */
export interface Lease {
  readonly name: string;
  readonly signal: AbortSignal;
  /** What each renewal from now on tells whoever looks: where its holder stands. */
  annotate(note: () => JsonObject): void;
  release(): Promise<void>;
}

/** A lease as everybody can see it. */
export interface HeldLease {
  readonly name: string;
  /** for people; several holders may share it */
  readonly owner: string;
  /** what the holder told with its last renewal */
  readonly note: JsonObject | null;
}

export interface Leases {
  /** how long a lease outlives its holder */
  readonly leaseMs: number;
  /** Waits until the lease is free and takes it. @throws AbortError when `signal` aborts first */
  acquire(name: string, signal: AbortSignal): Promise<Lease>;
  /** Takes it if it is free now, else null. */
  tryAcquire(name: string): Promise<Lease | null>;
  /** name → owner, of the leases now held */
  holders(): Promise<ReadonlyMap<string, string>>;
  /** Leases now held. @param prefix of their names */
  held(prefix?: string): Promise<readonly HeldLease[]>;
  /** Calls back when somebody took or gave up a lease. Not everything is heard of: look now and then as well. */
  onChange(listener: (name: string) => void): () => void;
}

/** One of the newest states saved under a name. */
export interface StateHead {
  readonly slot: number;
  readonly bytes: number;
  /** what was said about it */
  readonly about: JsonObject;
}

/** What stages remember, kept to save time: losing any of it changes nothing. Two per name. */
export interface StateStore {
  heads(name: string): Promise<readonly StateHead[]>;
  /** Null when it is gone, or not what was saved. */
  load(name: string, head: StateHead): Promise<Uint8Array | null>;
  /**
   * Puts it in the place of what lies in the slot; half of it is as good as none.
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

/** Somebody who answers. */
export interface Responder {
  /** Takes no more questions; resolves when those taken are answered. */
  close(): Promise<void>;
}

export interface Capabilities {
  readonly serverVersion: string;
  readonly maxPayload: number;
}
