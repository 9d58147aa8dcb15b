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
   * Creates what is missing.
   * @param options.replicas default: what the connection was opened with
   * @throws {StreamConflict} naming each field that differs in an existing stream
   * @throws {ReplicasUnsafe} more than one on a server that loses some
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

/** Looks single messages up, and what streams hold. */
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
  /** Sequence of the last message on a subject, whatever it is: what a writer is fenced by. 0 when there is none. */
  lastSequence(stream: StreamDefinition, natsSubject: string): Promise<number>;
  /** Id (`Nats-Msg-Id`) of the message at a sequence; null when there is none. */
  messageId(stream: StreamDefinition, sequence: number): Promise<string | null>;
  /** What stands at a sequence, and when the server stored it; null when there is nothing. */
  storedAt(
    stream: StreamDefinition,
    sequence: number,
  ): Promise<{ readonly message_id: string; readonly stored_us: number } | null>;
  info(stream: StreamDefinition): Promise<StreamInfo>;
}

/** What reads a stream to the end it has now. */
export type ReadableLog = LogReader & Pick<LogLookup, 'info'>;

/** Copies streams message by message. */
export interface LogCopier {
  /** Messages as they are stored, in stretches, for copies. Otherwise as {@link LogReader.read}. */
  messages(stream: StreamDefinition, options: ReadOptions): AsyncIterable<readonly StoredMessage[]>;
  /**
   * A copy of a stream, begun here or by somebody with the same mark. Changes nothing yet.
   * @throws {StreamInUse}
   */
  copyInto(stream: StreamDefinition, origin: { mark: string; firstSequence: number }): Promise<StreamCopy>;
}

/** Leases: who owns what. */
export interface LogLeases {
  leases(): Promise<Leases>;
  /** Leases now held, for whoever only looks: creates and changes nothing. */
  heldLeases(): Promise<readonly HeldLease[]>;
}

/** Saved states. */
export interface LogStates {
  /** Creates the bucket when there is none. */
  states(): Promise<StateStore>;
}

/** Asks other processes, and answers them. Questions and answers are not part of the log. */
export interface LogRequests {
  /**
   * Answers questions of other processes on a NATS subject (without the namespace), one after the other. Resolves when
   * the server knows of it. `answer` should not reject: who asked would wait in vain.
   */
  respond(natsSubject: string, answer: (question: Json) => Promise<Json>): Promise<Responder>;
  /**
   * Asks whoever answers there; of several the first answer counts.
   * @throws {NoResponderError} at once when nobody is there {NoAnswerInTime} {QuestionTooLarge}
   */
  request(natsSubject: string, question: Json, timeoutMs: number): Promise<Json>;
}

/** The connection underneath. */
export interface LogConnection {
  readonly capabilities: Capabilities;
  readonly connected: boolean;
  /** Drains and disconnects. */
  close(): Promise<void>;
}

/** All of the log: who opens it has this, and hands on what is needed. */
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
