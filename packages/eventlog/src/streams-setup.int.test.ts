import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { findNatsServer } from '@crunch-node/embedded';
import { type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { allStreams, defineStream } from '@crunch-node/streams';
import { connect } from 'nats';
import { connectLog } from './connect.ts';
import { StreamConflict } from './errors.ts';
import { LimitUnsafe } from './log-faults.ts';
import { isOlder } from './server-version.ts';
import { rawClient } from './testing/publish-raw.ts';
import { readNumbers } from './testing/read-numbers.ts';
import { freshNamespace, Said, said, say } from './testing/toys.ts';

describe('ensuring streams', () => {
  let server: NatsServer;
  before(async () => {
    server = await privateNats();
  });
  after(() => server.stop());

  it('creates every stream once, however many callers run at the same time', async () => {
    const namespace = freshNamespace();
    const logs = await Promise.all([1, 2, 3].map(() => connectLog({ url: server.url, namespace })));
    await Promise.all(logs.map((log) => log.ensureStreams(allStreams)));
    const created = await Promise.all(allStreams.map((stream) => logs[0]!.info(stream)));
    await logs[0]!.ensureStreams(allStreams);
    assert.deepEqual(await Promise.all(allStreams.map((stream) => logs[1]!.info(stream))), created);
    await Promise.all(logs.map((log) => log.close()));
  });

  it('separates namespaces, including the empty one', async () => {
    const names = [undefined, freshNamespace(), freshNamespace()];
    for (const namespace of names) {
      const log = await connectLog({ url: server.url, ...(namespace && { namespace }) });
      await log.ensureStreams(allStreams);
      await log.close();
    }
  });

  it('creates streams that refuse deletion and purging', async () => {
    const namespace = freshNamespace();
    const log = await connectLog({ url: server.url, namespace });
    const maxBytes = isOlder(log.capabilities.serverVersion, '2.10.0') ? -1 : 1_000_000;
    await log.ensureStreams([said], { maxBytes });
    const nc = await connect({ servers: server.url });
    const jsm = await nc.jetstreamManager();
    const { config } = await jsm.streams.info(namespace.streamName('SAID'));
    const { storage, retention, discard, max_age, max_bytes, deny_delete, deny_purge, allow_direct, num_replicas } =
      config;
    assert.deepEqual(
      { storage, retention, discard, max_age, max_bytes, deny_delete, deny_purge, allow_direct, num_replicas },
      {
        storage: 'file',
        retention: 'limits',
        discard: 'new',
        max_age: 0,
        max_bytes: maxBytes,
        deny_delete: true,
        deny_purge: true,
        allow_direct: true,
        num_replicas: 1,
      },
    );
    await nc.close();
    await log.close();
  });

  it('compresses streams where the server can, those of an older release too, and reads both', async () => {
    const namespace = freshNamespace();
    const name = namespace.streamName('SAID');
    const log = await connectLog({ url: server.url, namespace });
    const { nc, api, close } = await rawClient(server.url);
    const jsm = await nc.jetstreamManager();
    const compression = async () => (await jsm.streams.info(name)).config.compression;
    const canCompress = !isOlder(log.capabilities.serverVersion, '2.10.0');
    await log.ensureStreams([said]);
    assert.equal(await compression(), canCompress ? 's2' : undefined);
    if (canCompress)
      await api(`STREAM.UPDATE.${name}`, { ...(await jsm.streams.info(name)).config, compression: 'none' });
    const publisher = log.publisher();
    await publisher.append(said, say('a', 1));
    await log.ensureStreams([said]);
    assert.equal(await compression(), canCompress ? 's2' : undefined);
    await publisher.append(said, say('a', 2));
    assert.deepEqual(await readNumbers(log), [1, 2]);
    await publisher.close();
    await close();
    await log.close();
  });

  it('reports every field of an existing stream that differs, and changes none', async () => {
    const namespace = freshNamespace();
    const nc = await connect({ servers: server.url });
    const jsm = await nc.jetstreamManager();
    const name = namespace.streamName('SAID');
    await jsm.streams.add({
      name,
      subjects: [namespace.natsSubject('other.*')],
      max_age: 3_600_000_000_000,
      deny_purge: true,
    });
    const log = await connectLog({ url: server.url, namespace });
    await assert.rejects(log.ensureStreams([said]), (error) => {
      assert.ok(error instanceof StreamConflict);
      const fields = Object.fromEntries(error.differences.map(({ field, ...rest }) => [field, rest]));
      assert.deepEqual(fields.subjects, {
        expected: [namespace.natsSubject('said.*')],
        received: [namespace.natsSubject('other.*')],
      });
      assert.deepEqual(fields.discard, { expected: 'new', received: 'old' });
      assert.deepEqual(fields.max_age, { expected: 0, received: 3_600_000_000_000 });
      assert.deepEqual(fields.deny_delete, { expected: true, received: false });
      assert.equal('deny_purge' in fields, false);
      assert.equal('max_bytes' in fields, false);
      assert.match(error.message, /max_age: expected 0, received 3600000000000/);
      return true;
    });
    assert.equal((await jsm.streams.info(name)).config.max_age, 3_600_000_000_000);
    await log.close();
    await nc.close();
  });

  it('reports subjects that another stream captures', async () => {
    const log = await connectLog({ url: server.url, namespace: freshNamespace() });
    await log.ensureStreams([said]);
    const rival = defineStream('RIVAL', ['said.*'], [Said]);
    await assert.rejects(
      log.ensureStreams([rival]),
      (error) => error instanceof StreamConflict && error.differences[0]?.field === 'subjects',
    );
    await log.close();
  });
});

const old = await findNatsServer({ suite: 'bookworm' }).catch(() => null);

describe('a limit in bytes', { skip: old === null && 'NO OLD nats-server AVAILABLE' }, () => {
  it('is refused on a server version that drops acknowledged messages, requested or found', async () => {
    const server = await privateNats({ binary: old!.path });
    const log = await connectLog({ url: server.url, namespace: freshNamespace() });
    try {
      await assert.rejects(log.ensureStreams([said], { maxBytes: 20_259 }), (error) => {
        assert.ok(error instanceof LimitUnsafe);
        assert.match(error.message, /2\.10\.0 or newer for stream \S+_SAID with max_bytes 20259, received 2\.9/);
        return true;
      });
      await log.ensureStreams([said]);
      const { nc, api, close } = await rawClient(server.url);
      const [stream] = await nc.jetstreamManager().then((manager) => manager.streams.list().next());
      await api(`STREAM.UPDATE.${stream!.config.name}`, { ...stream!.config, max_bytes: 1_000_000 });
      await assert.rejects(log.ensureStreams([said]), LimitUnsafe);
      await close();
    } finally {
      await log.close();
      await server.stop();
    }
  });
});
