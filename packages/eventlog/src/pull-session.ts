/**
 * One ephemeral pull consumer and what it delivered. The client library's ordered consumer either pulls without bound
 * or leaves the connection idle between two fetches; here at most two batches are in flight or waiting.
 */
import { type Msg, nuid, type Subscription } from 'nats';
import type { Connection } from './connection.ts';
import { placeReader } from './delivery-place.ts';
import { type ReadSession, Waiting } from './session.ts';

const NANOS = 1_000_000;
/**
 * The server deletes a consumer that is not pulled from for this long; its reader then creates another from its
 * position.
 */
const INACTIVE_MS = 5 * 60_000;
const EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 2_000;
/** A consumer on a server that has died stays silent: after this long another one is created. */
const SILENT_MS = 5_000;
/** A consumer may be placed on a server that has just died; it is then requested under another name. */
const CREATE_MS = 1_500;
/** Bytes per pull, unless a single message may be larger. */
const PULL_BYTES = 16 * 1024 * 1024;

/**
 * @param stream with the namespace
 * @throws {LogUnavailable} soon: the caller retries from its position with another session
 */
export async function openSession(
  connection: Connection,
  stream: string,
  after: number,
  maxEvents: number,
): Promise<ReadSession> {
  const consumer = `reader_${nuid.next()}`;
  const config = {
    name: consumer,
    deliver_policy: 'by_start_sequence',
    opt_start_seq: after + 1,
    ack_policy: 'none',
    replay_policy: 'instant',
    inactive_threshold: INACTIVE_MS * NANOS,
    mem_storage: true,
    num_replicas: 1,
  };
  await connection.api(`$JS.API.CONSUMER.CREATE.${stream}.${consumer}`, { stream_name: stream, config }, CREATE_MS);

  const inbox = `${connection.inbox()}.`;
  const pullBytes = Math.max(PULL_BYTES, 2 * (connection.generation?.max_payload ?? 0));
  const request = JSON.stringify({
    batch: maxEvents,
    max_bytes: pullBytes,
    expires: EXPIRES_MS * NANOS,
    idle_heartbeat: HEARTBEAT_MS * NANOS,
  });
  const placeOf = placeReader();
  const waiting = new Waiting();
  /** pulls in flight, oldest first: what each has yet to deliver */
  const pulls: { readonly reply: string; owed: number }[] = [];
  let owed = 0;
  let newestPending = 0;
  let pullNumber = 0;
  let consumerSequence = 0;
  let receivedAt = performance.now();
  let failed: string | null = null;

  function fail(reason: string): void {
    if (failed !== null) return;
    failed = reason;
    session.wake();
  }

  function askForMore(): void {
    while (
      failed === null &&
      owed + waiting.size <= maxEvents &&
      waiting.bytes + pulls.length * pullBytes < 2 * pullBytes
    ) {
      const reply = `${inbox}${++pullNumber}`;
      pulls.push({ reply, owed: maxEvents });
      owed += maxEvents;
      if (pulls.length === 1) receivedAt = performance.now();
      connection.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, request, { reply });
    }
  }

  function finish(index: number): void {
    const [pull] = pulls.splice(index, 1);
    owed -= pull?.owed ?? 0;
  }

  /** A message without an acknowledgement subject is a status of a pull. */
  function onStatus(message: Msg) {
    const code = message.headers?.code ?? 0;
    if (code === 100) return;
    const over =
      code === 404 || code === 408 || (code === 409 && /maxbytes|batch completed/i.test(message.headers!.description));
    if (!over) return fail(message.headers?.status ?? 'an unknown answer');
    const index = pulls.findIndex(({ reply }) => reply === message.subject);
    if (index >= 0) finish(index);
    askForMore();
  }

  function onMessage(message: Msg) {
    if (failed !== null) return;
    receivedAt = performance.now();
    const place = placeOf(message.reply ?? '');
    if (place === null) return onStatus(message);
    if (place.consumerSequence !== consumerSequence + 1) {
      return fail(`delivery ${place.consumerSequence} came after ${consumerSequence}`);
    }
    consumerSequence++;
    const oldest = pulls[0];
    if (oldest !== undefined) {
      oldest.owed--;
      owed--;
      if (oldest.owed === 0) pulls.shift();
    }
    const { sequence, storedUs, pending } = place;
    waiting.push({ message, payload: message.data, sequence, storedUs, pending }, receivedAt);
    newestPending = pending;
    session.wake();
  }

  const subscription: Subscription = connection.nc.subscribe(`${inbox}*`, {
    callback: (error, message) => (error === null ? onMessage(message) : fail(error.message)),
  });
  const leave = connection.listen({
    disconnected: () => fail('the connection was lost'),
    closed: () => fail('the connection was closed'),
  });
  let lookedAt = receivedAt;
  const silence = setInterval(() => {
    const now = performance.now();
    // After a pause of this process, messages that arrived meanwhile have not been processed yet.
    if (now - lookedAt > HEARTBEAT_MS) receivedAt = now;
    lookedAt = now;
    if (pulls.length > 0 && now - receivedAt > SILENT_MS) fail('the server fell silent');
  }, HEARTBEAT_MS / 2);
  silence.unref();

  const session: ReadSession = {
    waiting,
    get newestPending() {
      return newestPending;
    },
    get failed() {
      return failed;
    },
    wake: () => {},
    take(count) {
      const taken = waiting.take(count);
      askForMore();
      return taken;
    },
    close() {
      clearInterval(silence);
      leave();
      failed ??= 'it was closed';
      if (connection.nc.isClosed()) return;
      subscription.unsubscribe();
      if (connection.connected) connection.nc.publish(`$JS.API.CONSUMER.DELETE.${stream}.${consumer}`);
    },
  };
  askForMore();
  return session;
}
