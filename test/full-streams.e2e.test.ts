import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '@crunch-node/embedded/testing';
import { connectLog } from '@crunch-node/eventlog';
import { startMonitor } from '@crunch-node/service';
import { feeds, scores } from '@crunch-node/streams';
import {
  type Digests,
  digestsOf,
  freshNamespace,
  runUndisturbed,
  startPipeline,
  syntheticFeed,
} from './support/pipeline.ts';
import { raiseLimit } from './support/server-api.ts';
import { type Servers, startServers } from './support/servers.ts';

const feed = syntheticFeed(45);
const patiently = { deadlineMs: 120_000 };

describe('streams without room', () => {
  let servers: Servers;
  let expected: Digests;
  before(async () => {
    servers = await startServers();
    expected = await runUndisturbed({ ...where(), feed });
  });
  after(() => servers.stop());
  const where = () => ({ natsUrl: servers.nats.url, databaseUrl: servers.postgres.url });

  it('stop their writers with an error, which resume where they were when there is room again', async () => {
    const namespace = freshNamespace();
    const log = await connectLog({ url: servers.nats.url, namespace });
    await log.ensureStreams([feeds], { maxBytes: 20_000 });
    await log.ensureStreams([scores], { maxBytes: 20_000 });
    const pipeline = await startPipeline({ ...where(), namespace, feed });
    const monitor = await startMonitor({
      services: pipeline.services,
      registry: pipeline.metrics,
      connected: () => true,
      host: '127.0.0.1',
      port: 0,
    });
    try {
      await until('ingest to stop', () => (pipeline.ingest.health().counts.full_streams ?? 0) > 0, patiently);
      // The service tries again from time to time and is working then: what it shows while it waits is waited for.
      const shown = async (path: string, pattern: RegExp): Promise<Response | undefined> => {
        const answer = await fetch(`${monitor.url}${path}`);
        return pattern.test(await answer.clone().text()) ? answer : undefined;
      };
      const waits = () =>
        /expected room in stream \S*FEEDS .* raise its max_bytes/.test(pipeline.ingest.health().detail);
      await until('ingest to name the stream', waits, patiently);
      const ready = await until('/readyz to name it', () => shown('/readyz', /expected room in stream/), patiently);
      assert.equal(ready.status, 503);
      const waiting = /crunch_service_state\{service="ingest",state="waiting"\} 1/;
      const metrics = await until('/metrics to show it', () => shown('/metrics', waiting), patiently);
      assert.match(await metrics.text(), /crunch_ingest_reloads_total\{reason="StreamFullError"\} [1-9]/);
      const stuck = (await log.info(feeds)).lastSequence;

      await raiseLimit(servers.nats.url, namespace.streamName('FEEDS'), -1);
      await until('ingest to go on', async () => (await log.info(feeds)).lastSequence > stuck || undefined, patiently);
      const isFull = async (): Promise<true | undefined> =>
        /crunch_score_reloads_total\{reason="StreamFullError"\} [1-9]/.test(
          await pipeline.metrics.getSingleMetricAsString('crunch_score_reloads_total'),
        ) || undefined;
      await until('score to find no room either', isFull, patiently);
      await raiseLimit(servers.nats.url, namespace.streamName('SCORES'), -1);
      await pipeline.finished();
      await pipeline.projected();
    } finally {
      await monitor.close();
      await pipeline.stop();
      await log.close();
    }
    assert.deepEqual(await digestsOf(servers.nats.url, servers.postgres.url, namespace), expected);
  });
});
