import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { checkpointStage } from '@crunch-node/checkpoint';
import { scorePartitions } from '@crunch-node/domain';
import { rankStage } from '@crunch-node/rank';
import { scoreStage } from '@crunch-node/score';
import { snapshotStage } from '@crunch-node/snapshot';
import { type CyclicStage, verifyCyclic } from '@crunch-node/stages';
import { feeds } from '@crunch-node/streams';
import {
  type Digests,
  digestsOf,
  eventsOf,
  freshNamespace,
  runUndisturbed,
  startPipeline,
} from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

describe('the same inputs give the same facts', () => {
  let servers: Servers;
  let expected: Digests;
  before(async () => {
    servers = await startServers();
    expected = await runUndisturbed(where());
  });
  after(() => servers.stop());
  const where = () => ({ natsUrl: servers.nats.url, databaseUrl: servers.postgres.url });

  it('in a second run', async () => {
    assert.ok(Object.keys(expected.tables).length >= 8);
    assert.deepEqual(await runUndisturbed(where()), expected);
  });

  it('with nats-server killed four times, and no record out of order', async () => {
    const namespace = freshNamespace();
    const pipeline = await startPipeline({ ...where(), namespace });
    try {
      for (const cycles of [5, 20, 40, 60]) {
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
    await second.cycles(30);
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
    const namespace = freshNamespace();
    const pipeline = await startPipeline({ ...where(), namespace });
    try {
      await pipeline.finished();
      const { config, log } = pipeline;
      const stages: CyclicStage[][] = [
        scorePartitions(config).map((partition) => scoreStage(config, partition)),
        [snapshotStage(config)],
        [rankStage(config)],
        [checkpointStage(config)],
      ];
      for (const stage of stages) {
        const verdict = await verifyCyclic(stage, log, AbortSignal.timeout(120_000));
        assert.ok(verdict.cycles >= 90, `${verdict.stream} has ${verdict.cycles} cycles`);
        assert.deepEqual(verdict.first, [], verdict.stream);
      }
    } finally {
      await pipeline.stop();
    }
  });
});
