import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { checkpointStage } from '@crunch-node/checkpoint';
import { scorePartitions } from '@crunch-node/domain';
import { connectLog } from '@crunch-node/eventlog';
import { rankStage } from '@crunch-node/rank';
import { scoreStage } from '@crunch-node/score';
import { snapshotStage } from '@crunch-node/snapshot';
import { type CyclicStage, verifyCyclic } from '@crunch-node/stages';
import { feeds, type Namespace } from '@crunch-node/streams';
import {
  type Digests,
  digestsOf,
  eventsOf,
  freshNamespace,
  type Pipeline,
  runUndisturbed,
  startPipeline,
} from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

describe('the same inputs give the same facts', () => {
  let servers: Servers;
  let expected: Digests;
  let undisturbed: Pick<Pipeline, 'config'> & { readonly namespace: Namespace };
  before(async () => {
    servers = await startServers();
    const namespace = freshNamespace();
    const pipeline = await startPipeline({ ...where(), namespace });
    await pipeline.finished();
    await pipeline.projected();
    await pipeline.stop();
    undisturbed = { config: pipeline.config, namespace };
    expected = await digestsOf(servers.nats.url, servers.postgres.url, namespace);
  });
  after(() => servers.stop());
  // As many partitions as a competition has unless it is configured
  const config = { partitions: 8 };
  const where = () => ({ natsUrl: servers.nats.url, databaseUrl: servers.postgres.url, config });

  it('in a second run', async () => {
    assert.ok(Object.keys(expected.tables).length >= 8);
    assert.deepEqual(await runUndisturbed(where()), expected);
  });

  it('with nats-server killed four times, and no record out of order', async () => {
    const namespace = freshNamespace();
    const pipeline = await startPipeline({ ...where(), namespace });
    try {
      for (const cycles of [4, 12, 22, 32]) {
        await pipeline.cycles(cycles);
        await servers.nats.kill('SIGKILL');
        await servers.nats.restart();
      }
      await pipeline.finished();
      await pipeline.projected();
      const published = (await eventsOf(pipeline.log, feeds)).map(({ at }) => at);
      assert.deepEqual(published, [...published].sort());
    } finally {
      await pipeline.stop();
    }
    assert.deepEqual(await digestsOf(servers.nats.url, servers.postgres.url, namespace), expected);
  });

  it('with Postgres away for a while, predictions continuing meanwhile', async () => {
    const namespace = freshNamespace();
    const pipeline = await startPipeline({ ...where(), namespace });
    try {
      await pipeline.cycles(10);
      await servers.postgres.kill('SIGKILL');
      // Every stage comes to the end of the data without it.
      await pipeline.finished();
      await servers.postgres.restart();
      await pipeline.projected();
    } finally {
      await pipeline.stop();
    }
    assert.deepEqual(await digestsOf(servers.nats.url, servers.postgres.url, namespace), expected);
  });

  it('stopped and started again in the middle, once while nats-server is away', async () => {
    const namespace = freshNamespace();
    const first = await startPipeline({ ...where(), namespace });
    await first.cycles(7);
    await first.stop();
    const second = await startPipeline({ ...where(), namespace });
    await second.cycles(20);
    await servers.nats.kill('SIGKILL');
    await second.stop();
    await servers.nats.restart();
    const last = await startPipeline({ ...where(), namespace });
    await last.finished();
    await last.projected();
    await last.stop();
    assert.deepEqual(await digestsOf(servers.nats.url, servers.postgres.url, namespace), expected);
  });

  it('recomputed from FEEDS and PREDICTIONS', async () => {
    const { config, namespace } = undisturbed;
    const log = await connectLog({ url: servers.nats.url, namespace });
    try {
      const stages: CyclicStage[][] = [
        scorePartitions(config).map((partition) => scoreStage(config, partition)),
        [snapshotStage(config)],
        [rankStage(config)],
        [checkpointStage(config)],
      ];
      for (const stage of stages) {
        const verdict = await verifyCyclic(stage, log, AbortSignal.timeout(120_000));
        assert.ok(verdict.cycles >= 48, `${verdict.stream} has ${verdict.cycles} cycles`);
        assert.deepEqual(verdict.first, [], verdict.stream);
      }
    } finally {
      await log.close();
    }
  });
});
