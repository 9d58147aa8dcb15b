import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import { namespaceOf } from '@crunch-node/streams';
import { type ConsumerInfo, connect, type JetStreamManager, type NatsConnection } from 'nats';
import type { EventLog } from './capabilities.ts';
import { connectLog } from './connect.ts';
import { LogClosed, LogHasGap, LogWentBackwards, StreamMissing } from './errors.ts';
import type { Publisher } from './log.ts';
import { LogFrontGone } from './log-faults.ts';
import { freshNamespace, said, say } from './testing/toys.ts';

const SOON = { deadlineMs: 30_000 };
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('reading', () => {
  let server: NatsServer;
  let nc: NatsConnection;
  let jsm: JetStreamManager;
  let log: EventLog;
  let publisher: Publisher;
  let stream: string;
  before(async () => {
    server = await privateNats();
    nc = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    jsm = await nc.jetstreamManager();
  });
  after(async () => {
    await nc.close();
    await server.stop();
  });
  afterEach(() => log.close());

  async function open(count = 0): Promise<void> {
    const namespace = freshNamespace();
    stream = namespace.streamName('SAID');
    log = await connectLog({ url: server.url, namespace });
    await log.ensureStreams([said]);
    publisher = log.publisher();
    await add(0, count);
  }

  const add = (from: number, to: number): Promise<unknown> =>
    Promise.all(numbers(from, to).map((n) => publisher.append(said, say('alice', n))));

  async function consumers(): Promise<ConsumerInfo[]> {
    const found: ConsumerInfo[] = [];
    for await (const info of jsm.consumers.list(stream)) found.push(info);
    return found;
  }

  it('delivers from a position, in batches with the sequence they end at', async () => {
    await open(2_500);
    const sizes: number[] = [];
    const seen: number[] = [];
    for await (const batch of log.read(said, { after: 500, maxEvents: 1_000, maxWaitMs: 600_000 })) {
      sizes.push(batch.events.length);
      seen.push(...batch.events.map(({ event }) => event.data.n));
      assert.equal(batch.lastSequence, batch.events.at(-1)!.sequence);
      assert.equal(batch.lastMessageId, batch.events.at(-1)!.event.id);
      assert.equal(await log.messageId(said, batch.lastSequence), batch.lastMessageId);
      assert.equal(batch.pending, 2_500 - batch.lastSequence);
      assert.equal(batch.events[0]!.natsSubject, 'said.alice');
      if (batch.pending === 0) break;
    }
    assert.deepEqual(seen, numbers(500, 2_500));
    assert.deepEqual(sizes, [1_000, 1_000]);
  });

  it('continues over kills of the server without gap or repetition', async () => {
    await open(20_000);
    const seen: number[] = [];
    const kills = [4_000, 9_000, 14_000];
    for await (const { events } of log.read(said, { after: 0, maxEvents: 100 })) {
      seen.push(...events.map(({ event }) => event.data.n));
      if (seen.length >= kills[0]!) {
        kills.shift();
        await server.kill();
        await server.restart();
      }
      if (seen.length >= 20_000) break;
    }
    assert.deepEqual(seen, numbers(0, 20_000));
  });

  it('waits at the end, over a restart too, and receives new messages', async () => {
    await open(3);
    const seen: number[] = [];
    const stop = new AbortController();
    const reading = (async () => {
      for await (const { events } of log.read(said, { after: 0, signal: stop.signal })) {
        seen.push(...events.map(({ event }) => event.data.n));
      }
    })();
    await until('the first events', () => seen.length === 3, SOON);
    await server.kill();
    await server.restart();
    await add(3, 5);
    await until('the later events', () => seen.length === 5, SOON);
    assert.deepEqual(seen, numbers(0, 5));
    stop.abort();
    await reading;
  });

  it('creates another consumer when the server has deleted its own', async () => {
    await open(3);
    const seen: number[] = [];
    for await (const { events } of log.read(said, { after: 0, maxEvents: 1 })) {
      seen.push(...events.map(({ event }) => event.data.n));
      if (seen.length === 3) {
        for (const { name } of await consumers()) await jsm.consumers.delete(stream, name);
        await add(3, 6);
      }
      if (seen.length === 6) break;
    }
    assert.deepEqual(seen, numbers(0, 6));
  });

  it('pulls no more than two batches ahead of a slow caller', async () => {
    await open(5_000);
    let handled = 0;
    for await (const { events } of log.read(said, { after: 0, maxEvents: 50 })) {
      handled += events.length;
      await delay(2);
      const [consumer] = await consumers();
      const ahead = consumer!.delivered.consumer_seq - handled;
      assert.ok(ahead <= 100, `${ahead} ahead of ${handled}`);
      if (handled >= 1_000) break;
    }
  });

  it('leaves no consumer behind', async () => {
    await open(10);
    for await (const _ of log.read(said, { after: 0 })) break;
    await until('the consumer to be gone', async () => (await consumers()).length === 0, SOON);
  });

  it('ends at once when aborted: before reading, while waiting, while the server is away', async () => {
    await open(0);
    const drain = async (signal: AbortSignal): Promise<void> => {
      for await (const _ of log.read(said, { after: 0, signal })) assert.fail('nothing was said');
    };
    await drain(AbortSignal.abort());
    const waiting = new AbortController();
    const drained = drain(waiting.signal);
    await until('the reader to wait', async () => (await consumers()).length === 1, SOON);
    waiting.abort();
    await drained;
    await server.kill();
    const away = new AbortController();
    const gone = drain(away.signal);
    await until('the connection to be lost', () => !log.connected, SOON);
    away.abort();
    await gone;
    await server.restart();
  });

  it('delivers large events without requesting all of them at once', async () => {
    await open(0);
    const text = 'x'.repeat(1024 * 1024);
    await Promise.all(numbers(0, 60).map((n) => publisher.append(said, say('alice', n, { text }))));
    const seen: number[] = [];
    for await (const { events } of log.read(said, { after: 0, maxWaitMs: 5 })) {
      assert.ok(events.length <= 50, `${events.length} MiB in one batch`);
      seen.push(...events.map(({ event }) => event.data.n));
      if (seen.length === 60) break;
    }
    assert.deepEqual(seen, numbers(0, 60));
  });

  it('counts unknown messages and delivers malformed ones as skipped', async () => {
    await open(1);
    const subject = `${stream.slice(0, -'_SAID'.length)}.said.alice`;
    const js = nc.jetstream();
    const envelope = { id: 'x', type: 'Sung', v: 1, at: '2024-01-01T00:00:00.000000Z', data: {} };
    await js.publish(subject, JSON.stringify(envelope));
    await js.publish(subject, 'not JSON', { msgID: 'bad' });
    await js.publish(subject, JSON.stringify({ ...envelope, type: 'Said', v: 2 }));
    await js.publish(subject, JSON.stringify({ ...envelope, type: 'Said', data: { speaker: 1 } }));
    for await (const batch of log.read(said, { after: 0, maxEvents: 5, maxWaitMs: 10_000 })) {
      assert.equal(batch.events.length, 1);
      assert.equal(batch.unknown, 2);
      assert.deepEqual(
        batch.malformed.map(({ sequence, natsSubject, headers }) => ({ sequence, natsSubject, headers })),
        [
          { sequence: 3, natsSubject: 'said.alice', headers: { 'Nats-Msg-Id': ['bad'] } },
          { sequence: 5, natsSubject: 'said.alice', headers: {} },
        ],
      );
      assert.equal(Buffer.from(batch.malformed[0]!.payload).toString(), 'not JSON');
      assert.equal(batch.lastSequence, 5);
      assert.equal(batch.lastMessageId, '');
      break;
    }
  });

  it('reports a stream that is missing, shorter than the position, or replaced while it is read', async () => {
    await open(5);
    const first = async (after: number): Promise<void> => {
      for await (const _ of log.read(said, { after })) break;
    };
    await assert.rejects(first(6), LogWentBackwards);
    const reading = (async () => {
      for await (const _ of log.read(said, { after: 0 })) {
        const { config } = await jsm.streams.info(stream);
        await jsm.streams.delete(stream);
        await assert.rejects(first(0), StreamMissing);
        await jsm.streams.add(config);
        await add(100, 110);
      }
    })();
    await assert.rejects(reading, (error) => error instanceof LogWentBackwards && /created again/.test(error.message));
  });

  for (const [count, where] of [
    [3, 'shorter'],
    [20, 'longer'],
  ] as const) {
    it(`detects a recreated stream, ${where}, while it waits at the end`, async () => {
      await open(10);
      const reading = log.read(said, { after: 0 })[Symbol.asyncIterator]();
      assert.equal((await reading.next()).value?.lastSequence, 10);
      const next = reading.next();
      next.catch(() => {});
      const { config } = await jsm.streams.info(stream);
      await jsm.streams.delete(stream);
      await jsm.streams.add(config);
      await add(0, count); // with the same ids
      // In between the stream may be missing, which has an error of its own.
      await assert.rejects(next, (error) => error instanceof LogWentBackwards || error instanceof StreamMissing);
    });
  }

  it('refuses to read over a gap', async () => {
    await open(0);
    const { config } = await jsm.streams.info(stream);
    await jsm.streams.delete(stream);
    await jsm.streams.add({ ...config, deny_delete: false });
    await add(0, 5);
    await jsm.streams.deleteMessage(stream, 3);
    const seen: number[] = [];
    await assert.rejects(
      (async () => {
        for await (const batch of log.read(said, { after: 1 })) seen.push(batch.lastSequence);
      })(),
      (error) => error instanceof LogHasGap && error.expected === 3 && error.received === 4,
    );
    assert.deepEqual(seen, []);
  });

  it('warns when it should read from the start and the first messages are gone', async () => {
    await open(0);
    const { config } = await jsm.streams.info(stream);
    await jsm.streams.delete(stream);
    await jsm.streams.add({ ...config, deny_purge: false });
    await add(0, 5);
    await jsm.streams.purge(stream, { seq: 4 });
    const warnings: Error[] = [];
    const other = await connectLog({
      url: server.url,
      namespace: namespaceOf(stream.replace(/_SAID$/, '')),
      onWarning: (warning) => warnings.push(warning),
    });
    const firstAfter = async (after: number): Promise<number | undefined> => {
      for await (const { events } of other.read(said, { after })) return events[0]?.sequence;
      return undefined;
    };
    assert.equal(await firstAfter(0), 4);
    assert.equal(await firstAfter(0), 4);
    assert.equal(await firstAfter(3), 4);
    assert.deepEqual(
      warnings.map((warning) => warning instanceof LogFrontGone && warning.firstSequence),
      [4],
    );
    await assert.rejects(firstAfter(2), (error) => error instanceof LogHasGap && error.expected === 3);
    await jsm.streams.purge(stream);
    assert.equal(await log.last(said, 'said.alice'), null);
    const ending = new AbortController();
    const waiting = other.read(said, { after: 0, signal: ending.signal })[Symbol.asyncIterator]().next();
    await until('a warning of what is empty', () => warnings.length === 2, SOON);
    ending.abort();
    await waiting;
    await other.close();
  });

  it('throws when the log is closed during it', async () => {
    await open(1);
    const reading = (async () => {
      for await (const _ of log.read(said, { after: 0 })) await log.close();
    })();
    await assert.rejects(reading, LogClosed);
  });
});
