import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { findNatsServer } from '@crunch-node/embedded';
import { type NatsCluster, privateNats, privateNatsCluster } from '@crunch-node/embedded/testing';
import type { EventLog } from './capabilities.ts';
import { connectLog } from './connect.ts';
import { ReplicasUnsafe, StreamConflict } from './errors.ts';

import { freshNamespace, said, say } from './testing/toys.ts';

const fetched = async (suite: string): Promise<string | null> =>
  findNatsServer({ suite }).then(
    ({ path }) => path,
    () => null,
  );
const safe = (await fetched('trixie')) ?? (await fetched('sid'));
const old = await fetched('bookworm');

describe('replicas', () => {
  it('are refused by a server version that loses replicated streams', {
    skip: old === null && 'NO OLD nats-server AVAILABLE',
  }, async () => {
    const server = await privateNats({ binary: old! });
    try {
      await assert.rejects(connectLog({ url: server.url, replicas: 3 }), (error) => {
        assert.ok(error instanceof ReplicasUnsafe);
        assert.match(error.message, /2\.10\.23 or newer for 3 replicas, received 2\.9/);
        return true;
      });
      const log = await connectLog({ url: server.url });
      await assert.rejects(log.ensureStreams([said], { replicas: 3 }), ReplicasUnsafe);
      await log.ensureStreams([said], { replicas: 1 });
      await log.close();
    } finally {
      await server.stop();
    }
  });
});

describe('a log on three servers', { skip: safe === null && 'NO nats-server 2.10.23 OR NEWER AVAILABLE' }, () => {
  let cluster: NatsCluster;
  let log: EventLog;
  before(async () => {
    cluster = await privateNatsCluster({ binary: safe! });
    log = await connectLog({ url: cluster.url, namespace: freshNamespace(), replicas: 3, leaseSeconds: 1 });
    await log.ensureStreams([said]);
  });
  after(async () => {
    await log?.close();
    await cluster?.stop();
  });

  it('has a replica on each, and reports the leader', async () => {
    const { replicas, leader } = await log.info(said);
    assert.equal(replicas, 3);
    assert.ok(cluster.named(leader!).running);
    await assert.rejects(log.ensureStreams([said], { replicas: 1 }), StreamConflict);
  });

  it('can be used through a member without JetStream of its own', async () => {
    const moreConfig = `cluster { name: "test", listen: "127.0.0.1:-1", routes: ${JSON.stringify(cluster.routes)} }`;
    const member = await privateNats({ binary: safe!, jetStream: false, serverName: 'member', moreConfig });
    try {
      const through = await connectLog({ url: member.url, namespace: freshNamespace(), replicas: 3 });
      await through.ensureStreams([said]);
      const publisher = through.publisher();
      const { sequence } = await publisher.append(said, say('through', 0));
      for await (const batch of through.read(said, { after: 0 })) {
        assert.equal(batch.lastSequence, sequence);
        break;
      }
      const lease = await (await through.leases()).acquire('through', AbortSignal.timeout(60_000));
      await lease.release();
      await publisher.close();
      await through.close();
    } finally {
      await member.stop();
    }
  });

  it('continues reading, and accepts new readers, while one of three servers is down', async () => {
    const publisher = log.publisher();
    const readFrom = (after: number) => log.read(said, { after })[Symbol.asyncIterator]();
    const readers = Array.from({ length: 6 }, () => readFrom(0));
    const next = () => Promise.all(readers.map((reader) => reader.next()));
    const ends = (batches: Awaited<ReturnType<typeof next>>) => batches.map(({ value }) => value?.lastSequence);
    const { sequence } = await publisher.append(said, say('before', 0));
    assert.deepEqual(
      ends(await next()),
      readers.map(() => sequence),
    );
    const leader = cluster.named((await log.info(said)).leader!);
    await leader.kill('SIGKILL');
    try {
      readers.push(readFrom(sequence));
      const after = await publisher.append(said, say('after', 0));
      assert.deepEqual(
        ends(await next()),
        readers.map(() => after.sequence),
      );
    } finally {
      await leader.restart();
      await Promise.all(readers.map((reader) => reader.return?.()));
      await publisher.close();
    }
  });

  it('keeps the order and all leases of live holders while its leader is killed twice', async () => {
    const publisher = log.publisher();
    const leases = await log.leases();
    const total = 6_000;
    const stored: Promise<unknown>[] = [];
    let sequence = 0;
    const fenced = (async (): Promise<void> => {
      for (let n = 0; n < total / 20; n++) {
        ({ sequence } = await publisher.append(said, say('fenced', n, { expectedLastSequence: sequence })));
      }
    })();
    const seen: number[] = [];
    const reading = (async (): Promise<void> => {
      for await (const batch of log.read(said, { after: 0 })) {
        for (const { event } of batch.events) if (event.data.speaker === 'free') seen.push(event.data.n);
        if (seen.length >= total) return;
      }
    })();
    for (let n = 0; n < total; n++) {
      stored.push(publisher.append(said, say('free', n)));
      if (n % 100 === 0) await Promise.all(stored.splice(0));
      if (n !== total / 3 && n !== (2 * total) / 3) continue;
      const leader = cluster.named((await log.info(said)).leader!);
      await leader.kill('SIGKILL');
      await publisher.append(said, say('alone', n));
      await leader.restart();
    }
    await Promise.all([...stored, fenced, reading]);
    assert.deepEqual(
      seen,
      Array.from({ length: total }, (_, n) => n),
    );
    const lease = await leases.acquire('after all', AbortSignal.timeout(60_000));
    await lease.release();
    await publisher.close();
  });
});
