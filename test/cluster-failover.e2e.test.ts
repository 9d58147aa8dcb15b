import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { findNatsServer } from '@crunch-node/embedded';
import { type NatsCluster, type Postgres, privateNatsCluster, privatePostgres } from '@crunch-node/embedded/testing';
import { predictions, scores } from '@crunch-node/streams';
import { loseMajorityOf, mirrorAll, moveLeaders } from './chaos/nats.ts';
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

  it('makes what one server makes: leaders killed and moved, mirrors behind, the majority lost', async () => {
    const namespace = freshNamespace();
    const pipeline = await startPipeline({
      natsUrl: cluster.url,
      databaseUrl: postgres.url,
      namespace,
      feed,
      replicas: 3,
    });
    try {
      await mirrorAll(cluster.servers, namespace);
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
      await moveLeaders(cluster.servers, namespace);
      await pipeline.cycles(36);
      // For longer than a writer waits until it repeats, and than a lease lasts.
      await loseMajorityOf(cluster, 'majority killed, then the third', 7_000);
      await pipeline.finished();
      await pipeline.projected();
    } finally {
      await pipeline.stop();
    }
    assert.deepEqual(await digestsOf(cluster.url, postgres.url, namespace), expected);
  });
});
