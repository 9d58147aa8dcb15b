import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { connect } from 'nats';
import type { EventLog } from './capabilities.ts';
import { connectLog } from './connect.ts';
import type { StateStore } from './log.ts';
import { freshNamespace, said, say } from './testing/toys.ts';

const never = new AbortController().signal;
const noise = (bytes: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => (Math.imul(i + seed, 2654435761) >>> 13) & 255);
async function* inParts(bytes: Uint8Array, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('saved states', () => {
  let server: NatsServer;
  let log: EventLog;
  let states: StateStore;
  const namespace = freshNamespace();
  before(async () => {
    server = await privateNats();
    log = await connectLog({ url: server.url, namespace });
    states = await log.states();
  });
  after(async () => {
    await log.close();
    await server.stop();
  });

  it('are restored completely, two per name', async () => {
    assert.deepEqual(await states.heads('score.1'), []);
    const [old, large] = [noise(10), noise(2_000_001)];
    await states.save('score.1', 0, { cycle_end: 'a' }, inParts(old), never);
    assert.equal(await states.save('score.1', 1, { cycle_end: 'b' }, inParts(large), never), large.length);
    await states.save('score.2', 0, { cycle_end: 'of another' }, inParts(noise(3)), never);
    const heads = await states.heads('score.1');
    assert.deepEqual(heads, [
      { slot: 0, bytes: 10, about: { cycle_end: 'a' } },
      { slot: 1, bytes: large.length, about: { cycle_end: 'b' } },
    ]);
    assert.deepEqual(Buffer.from((await states.load('score.1', heads[1]!))!), Buffer.from(large));
    await states.save('score.1', 1, { cycle_end: 'c' }, inParts(noise(7)), never);
    assert.deepEqual((await states.load('score.1', heads[1]!))?.length, 7);
    const nothing = (await states.save('score.3', 0, {}, inParts(noise(0)), never)) + 1;
    assert.equal((await states.load('score.3', { slot: 0, bytes: nothing, about: {} }))?.length, 0);
  });

  it('can be read with the library', async () => {
    const bytes = noise(600_000);
    await states.save('score.4', 0, { cycle_end: 'a' }, inParts(bytes), never);
    const nc = await connect({ servers: server.url });
    try {
      const bucket = await nc.jetstream().views.os(`${namespace.name}_states`);
      assert.equal((await bucket.info('score.4/0'))?.size, bytes.length);
      assert.deepEqual(Buffer.from((await bucket.getBlob('score.4/0'))!), Buffer.from(bytes));
    } finally {
      await nc.close();
    }
  });

  it('leave no orphaned chunks, even after a partial write', async () => {
    const [head] = await states.heads('score.1');
    const bytes = async (): Promise<number> => {
      const nc = await connect({ servers: server.url });
      const { state } = await (await nc.jetstreamManager()).streams.info(`OBJ_${namespace.name}_states`);
      await nc.close();
      return state.bytes;
    };
    const before = await bytes();
    const stop = new AbortController();
    async function* cutOff(): AsyncGenerator<Uint8Array> {
      yield noise(600_000);
      stop.abort();
      yield noise(600_000);
    }
    await assert.rejects(states.save('score.1', 0, { cycle_end: 'd' }, cutOff(), stop.signal));
    assert.equal(await states.load('score.1', head!), null);
    await states.save('score.1', 0, { cycle_end: 'd' }, inParts(noise(10)), never);
    assert.deepEqual((await states.load('score.1', head!))?.length, 10);
    assert.ok(Math.abs((await bytes()) - before) < 10_000);
  });

  it('are null when bytes were changed, lost or deleted', async () => {
    await states.save('rank', 0, {}, inParts(noise(1_000_000)), never);
    const [head] = await states.heads('rank');
    const nc = await connect({ servers: server.url });
    const manager = await nc.jetstreamManager();
    const stream = `OBJ_${namespace.name}_states`;
    const { state } = await manager.streams.info(stream);
    await manager.streams.deleteMessage(stream, state.last_seq - 2);
    assert.equal(await states.load('rank', head!), null);
    await manager.streams.delete(stream);
    await assert.rejects(states.heads('rank'));
    const again = await log.states();
    assert.deepEqual(await again.heads('rank'), []);
    await nc.close();
  });

  it('get a new bucket when it was deleted', async () => {
    const nc = await connect({ servers: server.url });
    const manager = await nc.jetstreamManager();
    await manager.streams.delete(`OBJ_${namespace.name}_states`);
    await Promise.all(['rank', 'snapshot'].map((name) => states.save(name, 0, {}, inParts(noise(10)), never)));
    for (const name of ['rank', 'snapshot']) assert.equal((await states.heads(name)).length, 1);
    await nc.close();
  });

  it('are refused where there is no room', async () => {
    const nc = await connect({ servers: server.url });
    const manager = await nc.jetstreamManager();
    const stream = `OBJ_${namespace.name}_states`;
    const { config } = await manager.streams.info(stream);
    await manager.streams.update(stream, { ...config, max_bytes: 300_000 });
    await assert.rejects(states.save('rank', 0, {}, inParts(noise(1_000_000)), never), { name: 'StateNotSaved' });
    await nc.close();
  });

  it('can be matched to a message by the time it was stored', async () => {
    await log.ensureStreams([said]);
    assert.equal(await log.storedAt(said, 1), null);
    const publisher = log.publisher();
    await publisher.append(said, say('a', 1));
    const stop = new AbortController();
    for await (const { events } of log.read(said, { after: 0, signal: stop.signal })) {
      const { event, stored_us } = events[0]!;
      assert.deepEqual(await log.storedAt(said, 1), { message_id: event.id, stored_us });
      stop.abort();
    }
    await publisher.close();
  });
});
