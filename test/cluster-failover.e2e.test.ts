import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { findNatsServer } from '@crunch-node/embedded';
import { type NatsCluster, type Postgres, privateNatsCluster, privatePostgres } from '@crunch-node/embedded/testing';
import { predictions, scores } from '@crunch-node/streams';
import {
  type Digests,
  digestsOf,
  freshNamespace,
  runUndisturbed,
  startPipeline,
  syntheticFeed,
} from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

const binary = await findNatsServer({ suite: 'trixie' }).then(
  ({ path }) => path,
  () => null,
);

const feed = syntheticFeed(45);

describe('a cluster of three nats-servers', { skip: binary === null && 'NO nats-server 2.10.23 OR NEWER' }, () => {
  let postgres: Postgres;
  let cluster: NatsCluster;
  let expected: Digests;
  before(async () => {
    const single: Servers = await startServers();
    try {
      expected = await runUndisturbed({ natsUrl: single.nats.url, databaseUrl: single.postgres.url, feed });
    } finally {
      await single.stop();
    }
    postgres = await privatePostgres();
    cluster = await privateNatsCluster({ binary: binary! });
  });
  after(async () => {
    await cluster?.stop();
    await postgres?.stop();
  });

  it('says what one server says, with the leader of a stream killed twice', async () => {
    const namespace = freshNamespace();
    const pipeline = await startPipeline({
      natsUrl: cluster.url,
      databaseUrl: postgres.url,
      namespace,
      feed,
      replicas: 3,
    });
    try {
      for (const [stream, cycles] of [
        [predictions, 8],
        [scores, 25],
      ] as const) {
        await pipeline.cycles(cycles);
        const leader = cluster.named((await pipeline.log.info(stream)).leader!);
        await leader.kill('SIGKILL');
        await pipeline.cycles(cycles + 8);
        await leader.restart();
      }
      await pipeline.finished();
      await pipeline.projected();
    } finally {
      await pipeline.stop();
    }
    assert.deepEqual(await digestsOf(cluster.url, postgres.url, namespace), expected);
  });
});
