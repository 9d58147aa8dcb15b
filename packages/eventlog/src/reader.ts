import { setTimeout as delay } from 'node:timers/promises';
import type { StreamDefinition, StreamEvent } from '@crunch-node/streams';
import { batchIsDue } from './batch-due.ts';
import type { Connection } from './connection.ts';
import type { DecodedMessages } from './decoded.ts';
import { LogClosed, LogHasGap, LogUnavailable, LogWentBackwards } from './errors.ts';
import { MESSAGE_ID, TRACEPARENT } from './headers.ts';
import type { Batch, Malformed, ReadOptions, Recorded, Skipped, StoredMessage } from './log.ts';
import { LogFrontGone } from './log-faults.ts';
import { openLookUpSession } from './look-up-session.ts';
import type { Lookups } from './lookups.ts';
import { openSession } from './pull-session.ts';
import type { Delivered, ReadSession } from './session.ts';

const LAGGING_LOOKS = 20;
const LAGGING_MS = 250;

interface ReaderPosition {
  readonly sequence: number;
  /** null: unknown before the first message */
  readonly messageId: string | null;
  /** of that message, unix microseconds */
  readonly storedUs: number;
  /** identity of the stream, null until it is known */
  readonly created: string | null;
}

/**
 * Reads a stream from a position, without end, over restarts of the server. Nothing is acknowledged: the caller keeps
 * the position. Whenever the consumer fails, another one is created from the caller's position.
 * @throws {LogWentBackwards} {LogHasGap} {StreamMissing} {LogClosed}
 */
export async function* readStream<S extends StreamDefinition>(
  connection: Connection,
  lookups: Lookups,
  definition: S,
  options: ReadOptions,
): AsyncGenerator<Batch<StreamEvent<S>>, void, undefined> {
  const prefix = connection.namespace.natsSubject('').length;
  for await (const taken of readDelivered(connection, lookups, definition, options)) {
    yield batchOf(definition, prefix, taken, connection.decoded, options.traces === true); // never empty
  }
}

/** The same, for messages as they are stored. */
export async function* readMessages(
  connection: Connection,
  lookups: Lookups,
  definition: StreamDefinition,
  options: ReadOptions,
): AsyncGenerator<readonly StoredMessage[], void, undefined> {
  const prefix = connection.namespace.natsSubject('').length;
  for await (const taken of readDelivered(connection, lookups, definition, options)) {
    yield taken.map(({ message, payload, sequence, storedUs }) => ({
      sequence,
      natsSubject: message.subject.slice(prefix),
      headers: headersOf(message),
      payload,
      stored_us: storedUs,
    }));
  }
}

async function* readDelivered(
  connection: Connection,
  lookups: Lookups,
  definition: StreamDefinition,
  { after, maxEvents = 1000, maxWaitMs = 20, quietMs = maxWaitMs, signal }: ReadOptions,
): AsyncGenerator<readonly Delivered[], void, undefined> {
  const stream = connection.namespace.streamName(definition.name);
  let position: ReaderPosition = { sequence: after, messageId: null, storedUs: 0, created: null };
  let deliveredAt = Number.NEGATIVE_INFINITY;
  const aborted = abortOf(signal);
  try {
    while (!signal?.aborted) {
      const opening = openAt(connection, lookups, definition, position, maxEvents);
      const opened = await Promise.race([opening, aborted.promise]);
      if (opened === undefined) {
        opening.then(({ session }) => session.close()).catch(() => {}); // the read has ended
        return;
      }
      const { session } = opened;
      position = { ...position, ...opened.known };
      try {
        while (await batchIsDue(session, { maxEvents, maxWaitMs, quietMs, deliveredAt, signal })) {
          const taken = session.take(maxEvents).filter(({ sequence }) => sequence > position.sequence);
          const last = taken.at(-1);
          if (last === undefined) continue;
          assertContiguous(connection, stream, position.sequence, taken);
          const messageId = last.message.headers?.get(MESSAGE_ID) ?? '';
          position = { ...position, sequence: last.sequence, messageId, storedUs: last.storedUs };
          deliveredAt = performance.now();
          yield taken;
        }
      } finally {
        session.close();
      }
    }
  } finally {
    aborted.leave();
  }
}

/** A session from the position, on the stream that was read so far. */
async function openAt(
  connection: Connection,
  lookups: Lookups,
  definition: StreamDefinition,
  { sequence, messageId, storedUs, created }: ReaderPosition,
  maxEvents: number,
): Promise<{ session: ReadSession; known: Omit<ReaderPosition, 'sequence'> }> {
  const stream = connection.namespace.streamName(definition.name);
  for (let lagging = 0; ; ) {
    if (connection.nc.isClosed()) throw new LogClosed();
    try {
      const info = await lookups.info(stream);
      const backwards = (reason: string) => new LogWentBackwards(stream, sequence, info.lastSequence, reason);
      if (created !== null && info.created !== created) throw backwards('it was created again');
      if (info.lastSequence < sequence) {
        // A look-up may be served by a replica that is behind.
        if (!connection.lookUpOnly || ++lagging > LAGGING_LOOKS) throw backwards('it is shorter');
        await delay(LAGGING_MS);
        continue;
      }
      if (sequence === 0 && info.firstSequence > 1) connection.warn(new LogFrontGone(stream, info.firstSequence));
      const isThere = sequence > 0 && sequence >= info.firstSequence && (messageId !== null || connection.lookUpOnly);
      const stored = isThere ? await lookups.messageAt(stream, sequence) : null;
      if (stored !== null && messageId !== null) {
        if (stored.id !== messageId) throw backwards('another message stands there');
        // A user who may only look up messages learns no identity of the stream, but when the message was stored.
        if (connection.lookUpOnly && stored.storedUs !== storedUs) throw backwards('it was created again');
      }
      const session = connection.lookUpOnly
        ? openLookUpSession(connection, definition, { after: sequence, known: info, anchor: stored, maxEvents })
        : await openSession(connection, stream, sequence, maxEvents);
      const known = stored === null ? { messageId, storedUs } : { messageId: stored.id, storedUs: stored.storedUs };
      return { session, known: { ...known, created: info.created } };
    } catch (error) {
      // A server may be away for long; the connection itself reports that to its owner.
      if (!(error instanceof LogUnavailable)) throw error;
      await delay(100);
    }
  }
}

function assertContiguous(connection: Connection, stream: string, after: number, taken: readonly Delivered[]): void {
  let expected = after + 1;
  for (const { sequence } of taken) {
    // A reader from the start takes what is left of the stream, and a warning is reported.
    if (sequence !== expected && expected !== 1) throw new LogHasGap(stream, expected, sequence);
    if (sequence !== expected) connection.warn(new LogFrontGone(stream, sequence));
    expected = sequence + 1;
  }
}

function batchOf<S extends StreamDefinition>(
  definition: S,
  prefix: number,
  taken: readonly Delivered[],
  messages: DecodedMessages,
  traces: boolean,
): Batch<StreamEvent<S>> {
  const events: Recorded<StreamEvent<S>>[] = [];
  const malformed: Malformed[] = [];
  const skipped: Skipped[] = [];
  const last = taken.at(-1)!;
  let unknown = 0;
  for (const { message, payload, sequence, storedUs } of taken) {
    const natsSubject = message.subject.slice(prefix);
    const decoded = messages.decode(definition, sequence, payload);
    if (decoded.kind === 'event') {
      const { obs } = decoded;
      const event = decoded.event as StreamEvent<S>;
      const recorded = { event, obs, sequence, natsSubject, stored_us: storedUs, bytes: payload.length };
      const traceparent = traces ? message.headers?.get(TRACEPARENT) : undefined;
      events.push(traceparent ? { ...recorded, traceparent } : recorded);
    } else {
      skipped.push({ sequence, natsSubject });
      if (decoded.kind === 'unknown') unknown++;
      else
        malformed.push({
          sequence,
          natsSubject,
          headers: headersOf(message),
          payload,
          reason: decoded.reason,
        });
    }
  }
  return {
    events,
    malformed,
    unknown,
    skipped,
    lastSequence: last.sequence,
    lastMessageId: last.message.headers?.get(MESSAGE_ID) ?? '',
    pending: last.pending,
  };
}

const headersOf = ({ headers }: Delivered['message']): Readonly<Record<string, readonly string[]>> =>
  headers === undefined ? {} : Object.fromEntries(headers);

/** Resolves when the signal aborts. */
function abortOf(signal: AbortSignal | undefined): { promise: Promise<undefined>; leave(): void } {
  if (signal === undefined) return { promise: new Promise(() => {}), leave: () => {} };
  let stop = (): void => {};
  const promise = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
  });
  return { promise, leave: () => signal.removeEventListener('abort', stop) };
}
