import type { EventLog } from './capabilities.ts';
import type { Connection } from './connection.ts';
import { openCopy } from './copy-stream.ts';
import { lastEvent, nextEvent } from './last.ts';
import { lookLeaseBucket, openLeaseBucket } from './lease-bucket.ts';
import { createLeases, heldIn } from './leases.ts';
import type { Publisher } from './log.ts';
import { createLookups } from './lookups.ts';
import { createPublisher } from './publisher.ts';
import { readMessages, readStream } from './reader.ts';
import { requestOn, respondOn } from './requests.ts';
import { openStateBucket } from './state-bucket.ts';
import { ensureStreams } from './streams-setup.ts';

export function eventLogOn(
  connection: Connection,
  terms: { owner: string; leaseSeconds: number; replicas?: number },
): EventLog {
  const { namespace, nc } = connection;
  const lookups = createLookups(connection);
  const publishers = new Set<Publisher>();
  const info = nc.info;
  return {
    capabilities: { serverVersion: info?.version ?? '', maxPayload: info?.max_payload ?? 0 },
    get connected() {
      return connection.connected;
    },
    ensureStreams: (definitions, options) =>
      ensureStreams(connection, definitions, {
        ...(terms.replicas !== undefined && { replicas: terms.replicas }),
        ...options,
      }),
    publisher(options) {
      const publisher = createPublisher(connection, lookups, options);
      publishers.add(publisher);
      return {
        ...publisher,
        async close() {
          publishers.delete(publisher);
          await publisher.close();
        },
        abandon() {
          publishers.delete(publisher);
          publisher.abandon();
        },
      };
    },
    read: (stream, options) => readStream(connection, lookups, stream, options),
    messages: (stream, options) => readMessages(connection, lookups, stream, options),
    copyInto: (stream, origin) => openCopy(connection, lookups, stream, origin),
    last: (stream, natsSubject) =>
      lastEvent(lookups, stream, {
        stream: namespace.streamName(stream.name),
        natsSubject: namespace.natsSubject(natsSubject),
        bare: natsSubject,
      }),
    next: (stream, natsSubjects, fromSequence) => nextEvent(connection, lookups, stream, natsSubjects, fromSequence),
    async lastSequence(stream, natsSubject) {
      const stored = await lookups.lastMessage(namespace.streamName(stream.name), namespace.natsSubject(natsSubject));
      return stored?.sequence ?? 0;
    },
    async messageId(stream, sequence) {
      return (await lookups.messageAt(namespace.streamName(stream.name), sequence))?.id ?? null;
    },
    async storedAt(stream, sequence) {
      const stored = await lookups.messageAt(namespace.streamName(stream.name), sequence);
      return stored && { message_id: stored.id, stored_us: stored.storedUs };
    },
    info: (stream) => lookups.info(namespace.streamName(stream.name)),
    async leases() {
      const bucket = await openLeaseBucket(connection, lookups, terms.leaseSeconds, terms.replicas);
      return createLeases(bucket, { owner: terms.owner, leaseMs: terms.leaseSeconds * 1000 });
    },
    heldLeases: () => heldIn(lookLeaseBucket(connection, lookups)),
    states: () => openStateBucket(connection, lookups, terms.replicas),
    respond: (natsSubject, answer) => respondOn(connection, natsSubject, answer),
    request: (natsSubject, question, timeoutMs) => requestOn(connection, natsSubject, question, timeoutMs),
    async close() {
      if (nc.isClosed()) return;
      let leave = (): void => {};
      const lost = new Promise<void>((resolve) => {
        leave = connection.listen({ disconnected: resolve, closed: resolve });
      });
      const closed = Promise.all([...publishers].map((publisher) => publisher.close())).then(() => nc.flush());
      closed.catch(() => {}); // the connection is gone: unacknowledged appends are rejected as such
      if (connection.connected) await Promise.race([closed, lost]).catch(() => {});
      leave();
      await nc.close();
    },
  };
}
