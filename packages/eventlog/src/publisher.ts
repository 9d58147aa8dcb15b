import { setTimeout as delay } from 'node:timers/promises';
import { encodeEvent, type StreamDefinition } from '@crunch-node/streams';
import type { Msg } from 'nats';
import type { Connection } from './connection.ts';
import { AppendRefused, LogClosed } from './errors.ts';
import { eventHeaders } from './headers.ts';
import type { Appended, Message, Publisher, PublisherOptions } from './log.ts';
import type { Lookups } from './lookups.ts';
import {
  type Entry,
  StreamPublisher,
  type StreamPublisherContext,
  type StreamPublisherOptions,
} from './stream-publisher.ts';

/** How long closing waits for what is in flight. */
const CLOSE_MS = 3_000;

const DEFAULTS: StreamPublisherOptions = {
  maxInFlight: 4096,
  maxInFlightBytes: 16 * 1024 * 1024,
  ackTimeoutMs: 5_000,
  silentMs: 30_000,
};

/** Approximate bytes of subject, reply, headers and protocol per message, besides the payload. */
const OVERHEAD_BYTES = 256;

/** One reply inbox for all acknowledgements, one publisher per stream: streams do not wait for each other. */
export function createPublisher(connection: Connection, lookups: Lookups, options: PublisherOptions = {}): Publisher {
  const settings: StreamPublisherOptions = { ...DEFAULTS, ...options };
  const { onStored } = options;
  const inbox = `${connection.inbox()}.`;
  const entries = new Map<number, Entry>();
  const streamPublishers = new Map<string, StreamPublisher>();
  let flushed: (() => void)[] = [];
  let numbers = 0;
  let open = true;

  const context: StreamPublisherContext = {
    connection,
    lookups,
    replyFor: ({ number, attempts }) => `${inbox}${number}.${attempts}`,
    settled({ number }) {
      entries.delete(number);
      if (entries.size > 0) return;
      for (const resolve of flushed) resolve();
      flushed = [];
    },
  };

  const answers = connection.nc.subscribe(`${inbox}*.*`, {
    callback: (error, message) => {
      if (error === null) dispatch(message);
    },
  });

  function dispatch(message: Msg): void {
    const { subject } = message;
    const dot = subject.lastIndexOf('.');
    const entry = entries.get(Number(subject.slice(inbox.length, dot)));
    entry?.streamPublisher.answered(entry, Number(subject.slice(dot + 1)), message);
  }

  const each = (act: (streamPublisher: StreamPublisher) => void) => (): void => streamPublishers.forEach(act);
  const leave = connection.listen({
    disconnected: each((streamPublisher) => streamPublisher.requeueInFlight()),
    reconnected: each((streamPublisher) => streamPublisher.sendNext()),
    closed: () => end(),
    publishDenied: (natsSubject) => each((streamPublisher) => streamPublisher.denied(natsSubject))(),
  });
  const overdue = setInterval(() => {
    const now = performance.now();
    for (const streamPublisher of streamPublishers.values()) streamPublisher.checkOverdue(now);
  }, settings.ackTimeoutMs / 4);
  overdue.unref();

  function end(): void {
    if (!open) return;
    open = false;
    clearInterval(overdue);
    leave();
    for (const streamPublisher of streamPublishers.values()) streamPublisher.abandon();
    if (!connection.nc.isClosed()) answers.unsubscribe();
  }

  function streamPublisherOf(stream: StreamDefinition): StreamPublisher {
    let streamPublisher = streamPublishers.get(stream.name);
    if (streamPublisher === undefined) {
      streamPublisher = new StreamPublisher(connection.namespace.streamName(stream.name), context, settings);
      streamPublishers.set(stream.name, streamPublisher);
    }
    return streamPublisher;
  }

  function append(stream: StreamDefinition, message: Message): Promise<Appended> {
    return new Promise((resolve, reject) => {
      if (!open) throw new LogClosed();
      const { event, obs, expectedLastSequence, traceparent } = message;
      const payload = encodeEvent(event, obs);
      const encoded = eventHeaders(event.id, expectedLastSequence, traceparent);
      const natsSubject = connection.namespace.natsSubject(message.natsSubject);
      const maxPayload = connection.generation?.max_payload;
      const bytes = payload.length + encoded.bytes;
      if (maxPayload !== undefined && bytes > maxPayload) {
        throw new AppendRefused(
          natsSubject,
          event.id,
          `it has ${bytes} bytes and the server's max_payload is ${maxPayload}: raise max_payload, or configure more partitions`,
        );
      }
      const streamPublisher = streamPublisherOf(stream);
      const givenAt = performance.now();
      const notify = (appended: Appended): void => {
        onStored?.(performance.now() - givenAt, entry.attempts, appended.duplicate);
        resolve(appended);
      };
      const entry: Entry = {
        number: ++numbers,
        streamPublisher,
        eventId: event.id,
        natsSubject,
        payload,
        headers: encoded.headers,
        bytes: bytes + OVERHEAD_BYTES,
        guarded: expectedLastSequence !== undefined,
        resolve: onStored === undefined ? resolve : notify,
        reject,
        attempts: 0,
        sentAt: 0,
        settled: false,
        foreign: false,
      };
      entries.set(entry.number, entry);
      streamPublisher.add(entry);
    });
  }

  const flush = (): Promise<void> =>
    entries.size === 0 ? Promise.resolve() : new Promise((resolve) => flushed.push(resolve));

  return {
    append,
    flush,
    async close() {
      // A server that is away must not delay a shutdown: what is left fails, and is published by the next owner.
      if (connection.connected) await Promise.race([flush(), delay(CLOSE_MS, undefined, { ref: false })]);
      end();
    },
    abandon: end,
  };
}
