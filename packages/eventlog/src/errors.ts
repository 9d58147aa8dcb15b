/** Errors of the log. Each message states what was expected, what was found and what to do about it. */

import { CrunchError, type ErrorCode } from '@crunch-node/streams/errors';

/** Another owner is at work: drop all state in memory, release the lease, reload. */
export class FencedError extends CrunchError {
  override readonly name = 'FencedError';
  override readonly code = 'fenced';
  readonly natsSubject: string;
  readonly eventId: string;
  constructor(natsSubject: string, eventId: string, reason: string) {
    super(`another owner is writing ${natsSubject}: ${reason} for ${eventId}`);
    this.natsSubject = natsSubject;
    this.eventId = eventId;
  }
}

/** The stream is full. Nothing was lost: append the event again, and those after it, when there is room. */
export class StreamFullError extends CrunchError {
  override readonly name = 'StreamFullError';
  override readonly code = 'stream_full';
  readonly stream: string;
  readonly eventId: string;
  constructor(stream: string, eventId: string, reason: string) {
    super(
      `expected room in stream ${stream} for ${eventId}, but ${reason}: raise its max_bytes, free disk space, or archive and trim it`,
    );
    this.stream = stream;
    this.eventId = eventId;
  }
}

/** The server refused an event for good: too large, not permitted, a sealed stream. */
export class AppendRefused extends CrunchError {
  override readonly name = 'AppendRefused';
  override readonly code = 'append_refused';
  readonly natsSubject: string;
  readonly eventId: string;
  constructor(natsSubject: string, eventId: string, reason: string) {
    super(`expected ${eventId} to be stored on ${natsSubject}, but ${reason}`);
    this.natsSubject = natsSubject;
    this.eventId = eventId;
  }
}

export class StreamMissing extends CrunchError {
  override readonly name = 'StreamMissing';
  override readonly code = 'stream_missing';
  readonly stream: string;
  constructor(stream: string) {
    super(`expected stream ${stream} to exist: create it (ensureStreams does, at the start of every service)`);
    this.stream = stream;
  }
}

/** How an existing stream differs from the required one. */
export interface StreamDifference {
  readonly field: string;
  readonly expected: unknown;
  readonly received: unknown;
}

export class StreamConflict extends CrunchError {
  override readonly name = 'StreamConflict';
  override readonly code = 'stream_conflict';
  readonly stream: string;
  readonly differences: readonly StreamDifference[];
  constructor(stream: string, differences: readonly StreamDifference[]) {
    const list = differences
      .map((d) => `${d.field}: expected ${JSON.stringify(d.expected)}, received ${JSON.stringify(d.received)}`)
      .join('; ');
    super(
      `stream ${stream} exists with another configuration (${list}): edit the stream, or choose another CRUNCH_NAMESPACE`,
    );
    this.stream = stream;
    this.differences = differences;
  }
}

/** The stream was replaced, or lost its end: reading on would skip events silently. */
export class LogWentBackwards extends CrunchError {
  override readonly name = 'LogWentBackwards';
  override readonly code = 'log_went_backwards';
  readonly stream: string;
  readonly position: number;
  readonly lastSequence: number;
  constructor(stream: string, position: number, lastSequence: number, reason: string) {
    super(
      `expected stream ${stream} to continue after sequence ${position}, but ${reason} (it ends at ${lastSequence}): ` +
        'the server lost acknowledged events or the stream was recreated; rebuild what was derived from it',
    );
    this.stream = stream;
    this.position = position;
    this.lastSequence = lastSequence;
  }
}

/** Events are missing in the log: reading on would derive results from incomplete input. */
export class LogHasGap extends CrunchError {
  override readonly name = 'LogHasGap';
  override readonly code = 'log_has_gap';
  readonly stream: string;
  readonly expected: number;
  readonly received: number;
  constructor(stream: string, expected: number, received: number) {
    super(
      `expected sequence ${expected} of stream ${stream}, received ${received}: events between them were deleted or lost; ` +
        'restore the stream from its archive, or rebuild from what is left by reading from the start',
    );
    this.stream = stream;
    this.expected = expected;
    this.received = received;
  }
}

export class UnreadableMessage extends CrunchError {
  override readonly name = 'UnreadableMessage';
  override readonly code = 'unreadable_message';
  readonly stream: string;
  readonly sequence: number;
  constructor(stream: string, sequence: number, reason: string) {
    super(
      `expected an event of ${stream} at sequence ${sequence}, but ${reason}: run a version of this software that knows it`,
    );
    this.stream = stream;
    this.sequence = sequence;
  }
}

export class LogClosed extends CrunchError {
  override readonly name = 'LogClosed';
  override readonly code = 'log_closed';
  constructor(reason = 'it was closed') {
    super(`expected an open connection to the log, but ${reason}`);
  }
}

/** No server responded in time although the connection was retried. */
export class LogUnavailable extends CrunchError {
  override readonly name: string = 'LogUnavailable';
  override readonly code: ErrorCode = 'log_unavailable';
  constructor(what: string, waitedMs: number, cause?: Error) {
    super(
      `expected an answer to ${what} within ${waitedMs} ms, received ${cause?.message ?? 'none'}: check that the NATS server is up and reachable`,
      { cause },
    );
  }
}

/**
 * The server is connected but does not acknowledge appends to a stream. Whatever was not acknowledged is published
 * again by the next writer.
 */
export class StreamSilent extends LogUnavailable {
  override readonly name = 'StreamSilent';
  override readonly code = 'stream_silent';
  readonly stream: string;
  constructor(stream: string, waitedMs: number) {
    super(`appends to stream ${stream}`, waitedMs);
    this.stream = stream;
    this.message +=
      '; if it is, its log shows what happened to the stream (one that met a full disk may stay silent until the server is restarted)';
  }
}

export class CannotReach extends CrunchError {
  override readonly name = 'CannotReach';
  override readonly code = 'cannot_reach';
  readonly url: string;
  constructor(url: string, cause?: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`expected a NATS server at ${url}, but ${reason}: start it, or set NATS_URL to where it is`, { cause });
    this.url = url;
  }
}

export class WrongCredentials extends CrunchError {
  override readonly name = 'WrongCredentials';
  override readonly code = 'wrong_credentials';
  readonly url: string;
  constructor(url: string, cause?: unknown) {
    super(`the NATS server at ${url} refused the credentials: check the user, password, token or creds file`, {
      cause,
    });
    this.url = url;
  }
}

/** The user has no permission for the request. */
export class NotPermitted extends CrunchError {
  override readonly name = 'NotPermitted';
  override readonly code = 'not_permitted';
  readonly natsSubject: string;
  constructor(natsSubject: string, cause: Error) {
    super(
      `expected to be allowed to ask ${natsSubject}, but: ${cause.message}. Check the permissions of the user, that its ` +
        'inbox prefix is one it may subscribe to, and the namespace',
      { cause },
    );
    this.natsSubject = natsSubject;
  }
}

export class JetStreamOff extends CrunchError {
  override readonly name = 'JetStreamOff';
  override readonly code = 'jetstream_off';
  readonly url: string;
  constructor(url: string, cause?: unknown) {
    super(
      `expected JetStream on the NATS server at ${url} or on one it is connected to, but it is off: start the server with -js or a jetstream block, and enable it for the account`,
      { cause },
    );
    this.url = url;
  }
}

export class ServerTooOld extends CrunchError {
  override readonly name = 'ServerTooOld';
  override readonly code = 'server_too_old';
  readonly version: string;
  readonly minimum: string;
  constructor(url: string, version: string, minimum: string) {
    super(`expected nats-server ${minimum} or newer at ${url}, received ${version}: upgrade the server`);
    this.version = version;
    this.minimum = minimum;
  }
}

/** Replicas that this server version may lose or let diverge. */
export class ReplicasUnsafe extends CrunchError {
  override readonly name = 'ReplicasUnsafe';
  override readonly code = 'replicas_unsafe';
  readonly replicas: number;
  readonly version: string;
  constructor(replicas: number, version: string, minimum: string) {
    super(
      `expected nats-server ${minimum} or newer for ${replicas} replicas, received ${version}, which can lose replicated ` +
        'streams and let two writers pass the same expected sequence: upgrade the servers, or set NATS_REPLICAS=1',
    );
    this.replicas = replicas;
    this.version = version;
  }
}

export class PayloadTooSmall extends CrunchError {
  override readonly name = 'PayloadTooSmall';
  override readonly code = 'payload_too_small';
  readonly required: number;
  readonly received: number;
  constructor(url: string, required: number, received: number) {
    super(
      `expected the NATS server at ${url} to take messages of ${required} bytes, which this configuration can produce, ` +
        `but its max_payload is ${received}: raise max_payload, or configure more partitions`,
    );
    this.required = required;
    this.received = received;
  }
}

/** No service replies to this request: it was not carried out. */
export class NoResponderError extends CrunchError {
  override readonly name = 'NoResponderError';
  override readonly code = 'no_responder';
  readonly natsSubject: string;
  constructor(natsSubject: string, reason: string) {
    super(`expected a service to answer ${natsSubject}, but ${reason}: start the service that does`);
    this.natsSubject = natsSubject;
  }
}

/** The service did not reply in time: whether the request was carried out is unknown. */
export class NoAnswerInTime extends CrunchError {
  override readonly name = 'NoAnswerInTime';
  override readonly code = 'no_answer_in_time';
  readonly natsSubject: string;
  readonly timeoutMs: number;
  constructor(natsSubject: string, timeoutMs: number, cause?: unknown) {
    super(`expected an answer on ${natsSubject} within ${timeoutMs} ms, received none: ask again`, { cause });
    this.natsSubject = natsSubject;
    this.timeoutMs = timeoutMs;
  }
}

export class QuestionTooLarge extends CrunchError {
  override readonly name = 'QuestionTooLarge';
  override readonly code = 'request_too_large';
  readonly natsSubject: string;
  readonly bytes: number;
  readonly maxPayload: number;
  constructor(natsSubject: string, bytes: number, maxPayload: number) {
    super(`expected at most ${maxPayload} bytes (the server's max_payload) on ${natsSubject}, received ${bytes}`);
    this.natsSubject = natsSubject;
    this.bytes = bytes;
    this.maxPayload = maxPayload;
  }
}
