import type { Json, StreamDefinition, StreamEvent } from '@crunch-node/streams';
import type {
  Batch,
  Capabilities,
  HeldLease,
  Leases,
  Publisher,
  PublisherOptions,
  ReadOptions,
  Recorded,
  Responder,
  StateStore,
  StoredMessage,
  StreamCopy,
  StreamInfo,
} from './log.ts';

/** Creates streams. */
export interface LogSetup {
  /**
   * Creates streams that are missing.
   * @param options.replicas default: the value the connection was opened with
   * @throws {StreamConflict} naming each field that differs in an existing stream
   * @throws {ReplicasUnsafe} more than one on a server version that loses replicated streams
   */
  ensureStreams(
    definitions: readonly StreamDefinition[],
    options?: { maxBytes?: number; replicas?: number },
  ): Promise<void>;
}

/** Appends events. */
export interface LogAppender {
  publisher(options?: PublisherOptions): Publisher;
}

/** Reads streams in order. */
export interface LogReader {
  read<S extends StreamDefinition>(stream: S, options: ReadOptions): AsyncIterable<Batch<StreamEvent<S>>>;
}

/** Looks up single messages and the state of streams. */
export interface LogLookup {
  /** Direct read of the last event on a subject (without the namespace); null when there is none. */
  last<S extends StreamDefinition>(stream: S, natsSubject: string): Promise<Recorded<StreamEvent<S>> | null>;
  /**
   * The first event at or after a sequence whose subject (without the namespace) matches a pattern; null when there is
   * none. @throws {UnreadableMessage}
   */
  next<S extends StreamDefinition>(
    stream: S,
    natsSubjects: string,
    fromSequence: number,
  ): Promise<Recorded<StreamEvent<S>> | null>;
  /**
   * Sequence of the last message on a subject, of whatever type: the expected sequence of a writer. 0 when there is
   * none.
   */
  lastSequence(stream: StreamDefinition, natsSubject: string): Promise<number>;
  /** Id (`Nats-Msg-Id`) of the message at a sequence; null when there is none. */
  messageId(stream: StreamDefinition, sequence: number): Promise<string | null>;
  /** The message at a sequence, and when the server stored it; null when there is none. */
  storedAt(
    stream: StreamDefinition,
    sequence: number,
  ): Promise<{ readonly message_id: string; readonly stored_us: number } | null>;
  info(stream: StreamDefinition): Promise<StreamInfo>;
}

/** Reads a stream up to its end at the time of the call. */
export type ReadableLog = LogReader & Pick<LogLookup, 'info'>;

/** Copies streams message by message. */
export interface LogCopier {
  /** Messages as they are stored, in batches, for copies. Otherwise as {@link LogReader.read}. */
  messages(stream: StreamDefinition, options: ReadOptions): AsyncIterable<readonly StoredMessage[]>;
  /**
   * A copy of a stream, started here or by another process with the same mark. Changes nothing yet.
   * @throws {StreamInUse}
   */
  copyInto(stream: StreamDefinition, origin: { mark: string; firstSequence: number }): Promise<StreamCopy>;
}

/** Leases: which instance owns what. */
export interface LogLeases {
  leases(): Promise<Leases>;
  /** Leases currently held, for observers: creates and changes nothing. */
  heldLeases(): Promise<readonly HeldLease[]>;
}

/** Saved states. */
export interface LogStates {
  /** Creates the bucket when it is missing. */
  states(): Promise<StateStore>;
}

/** Request and reply between processes. Requests and replies are not part of the log. */
export interface LogRequests {
  /**
   * Replies to requests of other processes on a NATS subject (without the namespace), one at a time. Resolves when the
   * server has registered the subscription. `answer` should not reject: the requester would wait for its time-out.
   */
  respond(natsSubject: string, answer: (question: Json) => Promise<Json>): Promise<Responder>;
  /**
   * Sends a request to the service on that subject; with several responders the first reply counts.
   * @throws {NoResponderError} at once when there is no responder {NoAnswerInTime} {QuestionTooLarge}
   */
  request(natsSubject: string, question: Json, timeoutMs: number): Promise<Json>;
}

/** The underlying connection. */
export interface LogConnection {
  readonly capabilities: Capabilities;
  readonly connected: boolean;
  /** Drains and disconnects. */
  close(): Promise<void>;
}

/** All capabilities of the log. The process that connects has this, and passes on only what each part needs. */
export interface EventLog
  extends LogSetup,
    LogAppender,
    LogReader,
    LogLookup,
    LogCopier,
    LogLeases,
    LogStates,
    LogRequests,
    LogConnection {}
