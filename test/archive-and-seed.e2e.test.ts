import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { connectLog } from '@crunch-node/eventlog';
import { createProvider } from '@crunch-node/feeds';
import { startProject } from '@crunch-node/project';
import { createLogger, eventsIn } from '@crunch-node/service';
import { feeds, type Namespace } from '@crunch-node/streams';
import { runCli } from '../packages/cli/src/testing/run-cli.ts';
import { digestsOf, freshNamespace, startPipeline, syntheticFeed } from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

describe('an archive of a whole run', () => {
  let servers: Servers;
  let elsewhere: NatsServer;
  let folder: TempDir;
  before(async () => {
    servers = await startServers();
    elsewhere = await privateNats();
    folder = await tempDir('crunch-archive-e2e-');
  });
  after(async () => {
    await folder.remove();
    await elsewhere.stop();
    await servers.stop();
  });

  const cli = async (natsUrl: string, { name }: Namespace, ...args: readonly string[]) => {
    const env = { NATS_URL: natsUrl, DATABASE_URL: servers.postgres.url, CRUNCH_NAMESPACE: name };
    const { code, stdout, stderr } = await runCli(args, { env }).ended;
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as { digest: string; head: string };
  };

  async function run(): Promise<Namespace> {
    const namespace = freshNamespace();
    const pipeline = await startPipeline({
      natsUrl: servers.nats.url,
      databaseUrl: servers.postgres.url,
      namespace,
      feed: syntheticFeed(30),
      config: { ensembles: [{ name: 'main' }] },
    });
    try {
      await pipeline.finished();
      await pipeline.projected();
    } finally {
      await pipeline.stop();
    }
    return namespace;
  }

  async function project(natsUrl: string, namespace: Namespace): Promise<void> {
    const log = await connectLog({ url: natsUrl, namespace });
    const logger = createLogger('silent');
    const service = startProject({ log, databaseUrl: servers.postgres.url, namespace, logger });
    await Promise.race([service.caughtUp(), service.ended]);
    await service.stop();
    await log.close();
  }

  /** The records of a log, and those its exported stream replays. */
  async function recordsOf(natsUrl: string, namespace: Namespace, data: string) {
    const log = await connectLog({ url: natsUrl, namespace });
    const events = await eventsIn(log, feeds);
    await log.close();
    const recorded = events.flatMap((event) =>
      event.type === 'FeedRecorded' ? [{ at: event.at, ...event.data }] : [],
    );
    const { source, kind, granularity } = recorded[0]!;
    const subjects = [...new Set(recorded.map(({ subject }) => subject))];
    const feed = { provider: 'replay', kind, granularity, subjects, options: { data, source } };
    const provider = createProvider({ window: 120, backfill_minutes: 5, ...feed });
    const replayed: unknown[] = [];
    if (provider.pace === 'replay') for await (const record of provider.records()) replayed.push(record);
    return { recorded, replayed };
  }

  it('seeds another server and namespace with an equal environment, by all digests', async () => {
    const original = await run();
    const seeded = freshNamespace();
    const at = folder.path;
    const exported = await cli(servers.nats.url, original, 'archive', 'export', '--to', at, '--json');
    assert.equal(
      (await cli('', original, 'archive', 'verify', at, '--head', exported.head, '--json')).head,
      exported.head,
    );

    const { recorded, replayed } = await recordsOf(servers.nats.url, original, at);
    assert.ok(recorded.length > 0);
    assert.deepEqual(replayed, recorded);

    // Killed in the middle, a second run resumes it.
    const env = { NATS_URL: elsewhere.url, DATABASE_URL: servers.postgres.url, CRUNCH_NAMESPACE: seeded.name };
    const killed = runCli(['archive', 'seed', '--from', at], { env });
    const watch = await connectLog({ url: elsewhere.url, namespace: seeded });
    const begun = async (): Promise<boolean> =>
      watch.info({ name: 'FEEDS', natsSubjects: [], events: [] }).then(
        ({ lastSequence }) => lastSequence > 0,
        () => false,
      );
    let ended = false;
    void killed.ended.then(() => {
      ended = true;
    });
    while (!ended && !(await begun())) await delay(2);
    killed.child.kill('SIGKILL');
    await killed.ended;
    await watch.close();
    await cli(elsewhere.url, seeded, 'archive', 'seed', '--from', at, '--json');

    await project(elsewhere.url, seeded);
    const expected = await digestsOf(servers.nats.url, servers.postgres.url, original);
    assert.ok(Object.keys(expected.tables).length >= 8);
    assert.deepEqual(await digestsOf(elsewhere.url, servers.postgres.url, seeded), expected);
    for (const args of [['digest', '--streams'], ['digest']]) {
      const { digest } = await cli(servers.nats.url, original, ...args, '--json');
      assert.equal((await cli(elsewhere.url, seeded, ...args, '--json')).digest, digest);
    }
  });
});
