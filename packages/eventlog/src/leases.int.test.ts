import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import { connect } from 'nats';
import type { EventLog } from './capabilities.ts';
import { connectLog } from './connect.ts';
import { LeaseLost } from './leases.ts';
import type { Leases } from './log.ts';
import { type FlakyNetwork, flakyNetwork } from './testing/flaky-network.ts';
import { freshNamespace } from './testing/toys.ts';

const SOON = { deadlineMs: 30_000 };
const never = new AbortController().signal;

describe('leases', () => {
  let server: NatsServer;
  let network: FlakyNetwork;
  let logs: EventLog[] = [];
  let namespace = freshNamespace();
  before(async () => {
    server = await privateNats();
  });
  after(() => server.stop());
  afterEach(async () => {
    await network.close();
    await Promise.all(logs.map((log) => log.close()));
  });

  /** Two instances; the network of the first can fail. */
  async function two(leaseSeconds = 1): Promise<[Leases, Leases]> {
    network = await flakyNetwork(server.port);
    namespace = freshNamespace();
    logs = await Promise.all(
      [network.url, server.url].map((url, i) =>
        connectLog({ url, namespace, leaseSeconds, name: `instance-${i + 1}` }),
      ),
    );
    const [first, second] = await Promise.all(logs.map((log) => log.leases()));
    return [first!, second!];
  }

  /** An observer of a log without any lease. */
  async function connected(): Promise<EventLog> {
    const log = await connectLog({ url: server.url, namespace: freshNamespace() });
    logs.push(log);
    return log;
  }

  it('have one holder at a time, visible to everyone', async () => {
    const [first, second] = await two();
    const mine = await first.acquire('predict/0 → ü', never);
    await second.acquire('predict.1', never);
    assert.deepEqual(
      new Map(await second.holders()),
      new Map([
        ['predict/0 → ü', 'instance-1'],
        ['predict.1', 'instance-2'],
      ]),
    );
    await assert.rejects(second.acquire('predict/0 → ü', AbortSignal.timeout(300)), { name: 'AbortError' });
    const nc = await connect({ servers: server.url });
    const bucket = await nc.jetstream().views.kv(`${namespace.name}_leases`, { bindOnly: true });
    assert.equal((await bucket.get('predict=2E1'))?.json<{ owner: string }>().owner, 'instance-2', 'with the library');
    await nc.close();
    assert.equal(mine.signal.aborted, false);
  });

  it('are renewed far beyond their duration', async () => {
    const [first, second] = await two(0.5);
    const mine = await first.acquire('rank', never);
    await assert.rejects(second.acquire('rank', AbortSignal.timeout(2_000)), { name: 'AbortError' });
    assert.equal(mine.signal.aborted, false);
  });

  it('pass to the next instance at once when released', async () => {
    const [first, second] = await two(60);
    const mine = await first.acquire('rank', never);
    const waiting = second.acquire('rank', never);
    const settled = await Promise.race([waiting.then(() => true), first.holders().then(() => false)]);
    assert.equal(settled, false);
    await mine.release();
    assert.equal(mine.signal.aborted, true);
    const theirs = await waiting; // long before the minute is over
    assert.deepEqual(new Map(await first.holders()), new Map([['rank', 'instance-2']]));
    await theirs.release();
    assert.equal((await first.holders()).size, 0);
  });

  it("are lost by the holder's own clock before another instance can take them", async () => {
    const [first, second] = await two();
    const mine = await first.acquire('rank', never);
    network.loseQuestions();
    let lostAt = Number.POSITIVE_INFINITY;
    mine.signal.addEventListener('abort', () => {
      lostAt = performance.now();
    });
    await second.acquire('rank', never);
    const takenAt = performance.now();
    assert.ok(lostAt <= takenAt, `lost ${lostAt - takenAt} ms after it was taken`);
    assert.ok(mine.signal.reason instanceof LeaseLost);
    await mine.release();
    assert.deepEqual(new Map(await second.holders()), new Map([['rank', 'instance-2']]));
  });

  it('are lost when another client overwrites them', async () => {
    const [first, second] = await two(0.5);
    const mine = await first.acquire('rank', never);
    network.loseQuestions();
    const theirs = await second.acquire('rank', never);
    network.cut();
    await until('the old holder to notice', () => mine.signal.aborted, SOON);
    await assert.rejects(first.acquire('rank', AbortSignal.timeout(1_500)), { name: 'AbortError' });
    assert.equal(theirs.signal.aborted, false);
  });

  it('survive renewals whose responses are lost', async () => {
    const [first] = await two(3);
    const mine = await first.acquire('rank', never);
    for (let i = 0; i < 3; i++) {
      const answeredBefore = network.answered;
      network.loseAnswers();
      await until('a renewal to be answered', () => network.answered > answeredBefore, SOON);
      network.cut();
      await until('the connection to be back', () => logs[0]!.connected, SOON);
    }
    assert.equal(mine.signal.aborted, false);
  });

  it('survive a server restart shorter than their duration', async () => {
    const [first, second] = await two(5);
    const mine = await first.acquire('rank', never);
    await server.kill();
    await until('both to lose the server', () => logs.every((log) => !log.connected), SOON);
    await server.restart();
    await until('both to be back', () => logs.every((log) => log.connected), SOON);
    await assert.rejects(second.acquire('rank', AbortSignal.timeout(6_000)), { name: 'AbortError' });
    assert.equal(mine.signal.aborted, false);
  });

  it('are taken at once or not at all by a caller that does not wait', async () => {
    const [first, second] = await two();
    const mine = await first.tryAcquire('rank');
    assert.ok(mine);
    assert.equal(await second.tryAcquire('rank'), null);
    await mine.release();
    assert.ok(await second.tryAcquire('rank'));
  });

  it('show the progress of their holder, also to observers, and notify of changes', async () => {
    const [first, second] = await two(0.5);
    assert.deepEqual(await (await connected()).heldLeases(), []);
    let changes = 0;
    const leave = second.onChange(() => changes++);
    const mine = await first.acquire('rank', never);
    await until('the other to hear of it', () => changes === 1, SOON);
    assert.deepEqual(await second.held('ra'), [{ name: 'rank', owner: 'instance-1', note: null }]);
    assert.deepEqual(await second.held('score'), []);
    mine.annotate(() => ({ at: 7 }));
    await until('a renewal', async () => (await logs[1]!.heldLeases())[0]?.note?.at === 7, SOON);
    await mine.release();
    await until('the other to hear of the end', () => changes === 2, SOON);
    leave();
  });

  it('can be waited for while the server is away', async () => {
    const [, second] = await two(5);
    await server.kill();
    const waiting = second.acquire('rank', never);
    await until('the server to be lost', () => !logs[1]!.connected, SOON);
    await server.restart();
    await (await waiting).release();
  });

  it('refuse a duration the server cannot keep', async () => {
    network = await flakyNetwork(server.port);
    logs = [await connectLog({ url: server.url, namespace: freshNamespace(), leaseSeconds: 0.01 })];
    await assert.rejects(logs[0]!.leases(), RangeError);
  });
});
