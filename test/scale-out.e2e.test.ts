import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { until } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import {
  allStreams,
  leaderboards,
  type Namespace,
  predictions,
  type StreamDefinition,
  scores,
} from '@crunch-node/streams';
import { type Digests, digestsOf, eventsOf, freshNamespace } from './support/pipeline.ts';
import { crunchNodeRun, pidOf, type Run } from './support/processes.ts';
import { type Servers, startServers } from './support/servers.ts';

const SOON = { deadlineMs: 120_000 };
const HOURS = 3;
const feed = ['--demo', '--feed', 'synthetic', '--seed', 'scale', '--days', String(HOURS / 24)];

describe('a service in several processes', () => {
  let servers: Servers;
  let folder: TempDir;
  before(async () => {
    servers = await startServers();
    folder = await tempDir('crunch-scale-');
  });
  after(async () => {
    await folder?.remove();
    await servers?.stop();
  });

  const envOf = (namespace: Namespace): NodeJS.ProcessEnv => ({
    NATS_URL: servers.nats.url,
    DATABASE_URL: servers.postgres.url,
    CRUNCH_NAMESPACE: namespace.name,
    LEASE_SECONDS: '1',
    PARTITIONS: '8',
  });

  async function undisturbed(): Promise<Digests> {
    const namespace = freshNamespace();
    const args = ['up', ...feed, '--once', '--port', '0', '--data-dir', `${folder.path}/one`];
    const { code, output } = await crunchNodeRun(args, envOf(namespace)).ended;
    assert.equal(code, 0, output);
    return digestsOf(servers.nats.url, servers.postgres.url, namespace);
  }

  const ownersOf = async (log: EventLog, service: string): Promise<string[]> =>
    (await log.heldLeases()).filter(({ name }) => name.startsWith(`${service}.`)).map(({ owner }) => owner);
  const owns = async (log: EventLog, service: string, pid: number): Promise<boolean> =>
    (await ownersOf(log, service)).includes(`${hostname()}:${pid}`);

  /** Resolves when the ranking has come to an hour of the feed. */
  const hour = (log: EventLog, run: Run, hours: number): Promise<unknown> =>
    until(
      `hour ${hours}`,
      async () => {
        assert.equal(run.child.exitCode, null, run.output());
        const last = await log.last(leaderboards, 'leaderboards.cycle');
        return (last?.event.at ?? '') >= new Date(Date.UTC(2024, 0, 1) + hours * 3_600_000).toISOString();
      },
      SOON,
    );

  async function assertPublishedOnce(log: EventLog, stream: StreamDefinition): Promise<void> {
    const ids = (await eventsOf(log, stream)).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, `${stream.name} has an event twice`);
  }

  it('killed, frozen beyond its leases and joined, publishes what one process publishes', {
    timeout: 1_200_000,
  }, async () => {
    const expected = await undisturbed();
    const namespace = freshNamespace();
    const env = envOf(namespace);
    const log = await connectLog({ url: servers.nats.url, namespace });
    await log.ensureStreams(allStreams);
    const replicas = ['--predict', '3', '--score', '3'];
    const dataDir = ['--data-dir', `${folder.path}/cluster`];
    const run = crunchNodeRun(['cluster', ...feed, ...replicas, ...dataDir, '--once', '--port', '0'], env);
    const joined: Run[] = [];
    try {
      await hour(log, run, 0.25);
      process.kill(pidOf(run, 'score-1'), 'SIGKILL');
      process.kill(pidOf(run, 'predict-1'), 'SIGKILL');

      await hour(log, run, 0.75);
      const frozen = [pidOf(run, 'score-2'), pidOf(run, 'predict-2')] as const;
      for (const pid of frozen) process.kill(pid, 'SIGSTOP');
      await until(
        'others to own their partitions',
        async () => {
          const [score, predict] = frozen;
          return (
            !(await owns(log, 'score', score)) &&
            !(await owns(log, 'predict', predict)) &&
            (await ownersOf(log, 'score')).length === 9 &&
            (await ownersOf(log, 'predict')).length === 8
          );
        },
        SOON,
      );
      for (const pid of frozen) process.kill(pid, 'SIGCONT');

      await hour(log, run, 1.5);
      joined.push(crunchNodeRun(['serve', 'score', ...feed, ...dataDir], env));
      await until('the one that joined to own something', () => owns(log, 'score', joined[0]!.child.pid!), SOON);

      const { code, output } = await run.ended;
      assert.equal(code, 0, output);
      assert.match(output, /score-1 has ended \(SIGKILL\): starting it again/);
      await assertPublishedOnce(log, predictions);
      await assertPublishedOnce(log, scores);
    } finally {
      for (const each of [run, ...joined]) {
        if (each.child.exitCode === null && each.child.signalCode === null) each.child.kill('SIGTERM');
        await each.ended;
      }
      await log.close();
    }
    assert.deepEqual(await digestsOf(servers.nats.url, servers.postgres.url, namespace), expected);
  });
});
