import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import { connect } from 'nats';
import type { EventLog } from './capabilities.ts';
import { connectLog } from './connect.ts';
import { AppendRefused, FencedError, LogClosed, StreamFullError, StreamMissing } from './errors.ts';

import { type FlakyNetwork, flakyNetwork } from './testing/flaky-network.ts';
import { readNumbers } from './testing/read-numbers.ts';
import { serversUnderTest } from './testing/servers.ts';
import { freshNamespace, said, say } from './testing/toys.ts';

const SOON = { deadlineMs: 30_000 };

for (const { title, binary, skip } of await serversUnderTest()) {
  describe(`appending on ${title}`, { skip }, () => {
    let server: NatsServer;
    let network: FlakyNetwork;
    let logs: EventLog[] = [];
    before(async () => {
      server = await privateNats(binary === undefined ? {} : { binary });
    });
    after(() => server.stop());
    afterEach(async () => {
      await network?.close();
      await Promise.all(logs.map((log) => log.close()));
      logs = [];
    });

    /** Two connections to one log, one of them through a faulty network. */
    async function connectTwo(options: { maxBytes?: number } = {}) {
      network = await flakyNetwork(server.port);
      const namespace = freshNamespace();
      const [flaky, steady] = await Promise.all(
        [network.url, server.url].map((url) => connectLog({ url, namespace, patienceMs: 60_000 })),
      );
      logs = [flaky!, steady!];
      await steady!.ensureStreams([said], options);
      return { flaky: flaky!, steady: steady! };
    }

    async function makeRoom(log: EventLog): Promise<void> {
      const { created } = await log.info(said);
      const nc = await connect({ servers: server.url });
      const jsm = await nc.jetstreamManager();
      for await (const { config, created: at } of jsm.streams.list()) {
        if (Date.parse(at) === Date.parse(created))
          await jsm.streams.update(config.name, { ...config, max_bytes: 200_000 });
      }
      await nc.close();
    }

    /** The server has sent or received more than before. */
    const grows = (count: () => number) => {
      const start = count();
      return until('the network to carry something', () => count() > start, SOON);
    };

    it('reports its own retry as a duplicate, not as a fault, when no sequence is expected', async () => {
      const { steady } = await connectTwo();
      const publisher = steady.publisher();
      assert.deepEqual(await publisher.append(said, say('alice', 1)), { sequence: 1, duplicate: false });
      assert.deepEqual(await publisher.append(said, say('alice', 1)), { sequence: 1, duplicate: true });
    });

    it('is fenced by a sequence conflict, and continues with other subjects', async () => {
      const { flaky, steady } = await connectTwo();
      const [mine, theirs] = [flaky.publisher(), steady.publisher()];
      await mine.append(said, say('alice', 1, { expectedLastSequence: 0 }));
      await theirs.append(said, say('alice', 2, { expectedLastSequence: 1 }));
      const [fenced, other] = await Promise.allSettled([
        mine.append(said, say('alice', 3, { expectedLastSequence: 1 })),
        mine.append(said, say('bob', 4, { expectedLastSequence: 0 })),
      ]);
      assert.ok(fenced.status === 'rejected' && fenced.reason instanceof FencedError);
      assert.equal(fenced.reason.eventId, 'said:alice:3');
      assert.deepEqual(other, { status: 'fulfilled', value: { sequence: 3, duplicate: false } });
    });

    it('is fenced by a duplicate on a first attempt', async () => {
      const { flaky, steady } = await connectTwo();
      const message = say('alice', 1, { expectedLastSequence: 0 });
      await steady.publisher().append(said, message);
      await assert.rejects(flaky.publisher().append(said, message), FencedError);
    });

    it('recognises its own attempt when the acknowledgement was lost', async () => {
      const { flaky, steady } = await connectTwo();
      const publisher = flaky.publisher();
      await publisher.append(said, say('alice', 0, { expectedLastSequence: 0 }));
      network.loseAnswers();
      const append = publisher.append(said, say('alice', 1, { expectedLastSequence: 1 }));
      await grows(() => network.answered);
      await until('it to be stored', async () => (await steady.info(said)).lastSequence === 2, SOON);
      network.cut();
      assert.deepEqual(await append, { sequence: 2, duplicate: true });
      assert.deepEqual(await readNumbers(steady), [0, 1]);
    });

    it('is fenced on a retry when another writer has appended meanwhile', async () => {
      const { flaky, steady } = await connectTwo();
      const publisher = flaky.publisher();
      await publisher.append(said, say('alice', 0, { expectedLastSequence: 0 }));
      network.loseQuestions();
      const append = publisher.append(said, say('alice', 1, { expectedLastSequence: 1 }));
      const fenced = assert.rejects(append, FencedError);
      await grows(() => network.asked);
      await steady.publisher().append(said, say('alice', 2, { expectedLastSequence: 1 }));
      network.cut();
      await fenced;
      assert.deepEqual(await readNumbers(steady), [0, 2]);
    });

    it('keeps the order when the network fails repeatedly', async () => {
      const { flaky, steady } = await connectTwo();
      const publisher = flaky.publisher({ maxInFlight: 16 }); // some are in flight, some wait
      const faults = [() => network.loseAnswers(), () => network.loseQuestions(), () => {}];
      const appends: Promise<unknown>[] = [];
      let n = 0;
      for (const fault of [...faults, ...faults]) {
        for (let i = 0; i < 50; i++) appends.push(publisher.append(said, say('alice', n++)));
        await publisher.flush();
        fault();
        for (let i = 0; i < 50; i++) appends.push(publisher.append(said, say('alice', n++)));
        await grows(() => network.asked);
        network.cut();
        for (let i = 0; i < 50; i++) appends.push(publisher.append(said, say('alice', n++)));
      }
      await Promise.all(appends);
      assert.deepEqual(await readNumbers(steady), [...Array(n).keys()]);
    });

    it('resends in order when a slow server does not respond in time', async () => {
      const { steady } = await connectTwo();
      const publisher = steady.publisher({ ackTimeoutMs: 100, maxInFlight: 16 });
      await publisher.append(said, say('alice', 0));
      await server.kill('SIGSTOP');
      const appends = Array.from({ length: 100 }, (_, i) => publisher.append(said, say('alice', i + 1)));
      const begun = performance.now();
      await until('several time-outs to pass', () => performance.now() - begun > 500, SOON);
      await server.kill('SIGCONT');
      await Promise.all(appends);
      assert.deepEqual(await readNumbers(steady), [...Array(101).keys()]);
    });

    const drops = / 2\.9\./.test(title) && 'IT DROPS WHAT IT ACKNOWLEDGED: a limit is refused there';
    it('reports which appends a full stream refused, and continues when there is room', {
      skip: drops,
    }, async () => {
      const { steady } = await connectTwo({ maxBytes: 100_000 });
      const publisher = steady.publisher({ maxInFlight: 8 });
      const text = 'x'.repeat(2_000);
      const results = await Promise.allSettled(
        Array.from({ length: 200 }, (_, n) => publisher.append(said, say('alice', n, { text }))),
      );
      const stored = results.filter(({ status }) => status === 'fulfilled').length;
      assert.ok(stored > 10 && stored < 50, `${stored} of 200 were stored`);
      for (const [n, result] of results.entries()) {
        if (n < stored) assert.equal(result.status, 'fulfilled');
        else assert.ok(result.status === 'rejected' && result.reason instanceof StreamFullError);
      }
      assert.deepEqual(await readNumbers(steady), [...Array(stored).keys()]);
      await makeRoom(steady);
      assert.equal((await publisher.append(said, say('alice', stored, { text }))).sequence, stored + 1);
    });

    it('refuses events that no server would accept', async () => {
      const { steady } = await connectTwo();
      const publisher = steady.publisher();
      const big = publisher.append(said, say('alice', 1, { text: 'x'.repeat(9 * 1024 * 1024) }));
      await assert.rejects(big, (error) => error instanceof AppendRefused && /max_payload/.test(error.message));
      const event = { ...say('alice', 2).event, id: 'said:alice:2\r\nNats-Rollup: all' };
      await assert.rejects(publisher.append(said, { event, natsSubject: 'said.alice' }), RangeError);
      assert.equal((await publisher.append(said, say('alice', 3))).sequence, 1);
    });

    it('reports a missing stream instead of waiting for it', async () => {
      const log = await connectLog({ url: server.url, namespace: freshNamespace() });
      logs.push(log);
      await assert.rejects(log.publisher().append(said, say('alice', 1)), StreamMissing);
    });

    it('waits for a server that is away, and rejects what is left when it is closed', async () => {
      const { flaky, steady } = await connectTwo();
      const publisher = flaky.publisher();
      await publisher.append(said, say('alice', 0));
      await server.kill();
      await until('the connection to be lost', () => !flaky.connected, SOON);
      const first = publisher.append(said, say('alice', 1));
      await server.restart();
      assert.equal((await first).sequence, 2);
      await server.kill();
      await until('the connection to be lost', () => !flaky.connected, SOON);
      const last = publisher.append(said, say('alice', 2));
      const refused = assert.rejects(last, LogClosed);
      await flaky.close();
      await refused;
      await assert.rejects(publisher.append(said, say('alice', 3)), LogClosed);
      await server.restart();
      assert.deepEqual(await readNumbers(steady), [0, 1]);
    });
  });
}

describe('appending without permission', () => {
  it('is refused at once, with an error that names the permission', async () => {
    const moreConfig = `authorization { users = [
      { user: admin, password: a },
      { user: reader, password: r, permissions: { publish: ["$JS.API.>", "_INBOX.>"], subscribe: ">" } } ] }`;
    const server = await privateNats({ moreConfig });
    const namespace = freshNamespace();
    const admin = await connectLog({ url: server.url, namespace, user: 'admin', pass: 'a' });
    const reader = await connectLog({ url: server.url, namespace, user: 'reader', pass: 'r' });
    try {
      await admin.ensureStreams([said]);
      const append = reader.publisher().append(said, say('alice', 1));
      await assert.rejects(append, (error) => error instanceof AppendRefused && /permission/.test(error.message));
    } finally {
      await Promise.all([admin.close(), reader.close()]);
      await server.stop();
    }
  });
});
