import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { until } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { type OrchestratorProcess, startOrchestratorProcess } from '@crunch-node/orchestrator';
import { allStreams, leaderboards, type Namespace } from '@crunch-node/streams';
import { digestsOf, freshNamespace } from './support/pipeline.ts';
import { crunchNodeRun } from './support/processes.ts';
import { type Servers, startServers } from './support/servers.ts';

const stages = ['ingest', 'predict', 'score', 'ensemble', 'snapshot', 'rank', 'checkpoint'];
const SOON = { deadlineMs: 120_000, everyMs: 50 };
const feed = ['--demo', '--feed', 'synthetic', '--seed', 'load', '--days', String(2.5 / 24)];

describe('services in a process of their own, in the middle of their work', () => {
  let servers: Servers;
  let folder: TempDir;
  let orchestrator: OrchestratorProcess;
  before(async () => {
    servers = await startServers();
    folder = await tempDir('crunch-load-');
    orchestrator = await startOrchestratorProcess('demo', 'realtime');
  });
  after(async () => {
    await orchestrator?.stop();
    await folder?.remove();
    await servers?.stop();
  });

  const envOf = (namespace: Namespace): NodeJS.ProcessEnv => ({
    NATS_URL: servers.nats.url,
    DATABASE_URL: servers.postgres.url,
    CRUNCH_NAMESPACE: namespace.name,
    PARTITIONS: '3',
    REPORT_API_PORT: '0',
    LEASE_SECONDS: '1',
    MODEL_RUNNER_NODE_HOST: new URL(orchestrator.url).hostname,
    MODEL_RUNNER_NODE_PORT: new URL(orchestrator.url).port,
    EXPECTED_MODELS: orchestrator.modelIds.join(','),
  });
  const upOnce = async (namespace: Namespace, dataDir: string): Promise<void> => {
    const args = ['up', ...feed, '--once', '--port', '0', '--data-dir', dataDir];
    const { code, output } = await crunchNodeRun(args, envOf(namespace)).ended;
    assert.equal(code, 0, output);
  };
  const cyclesIn = async (log: EventLog): Promise<number> =>
    (await log.last(leaderboards, 'leaderboards.cycle')) === null ? 0 : (await log.info(leaderboards)).lastSequence;

  it('expose every documented metric, and end in order on a signal', async () => {
    const expected = freshNamespace();
    await upOnce(expected, `${folder.path}/undisturbed`);
    const namespace = freshNamespace();
    const log = await connectLog({ url: servers.nats.url, namespace });
    await log.ensureStreams(allStreams);
    // The first run activates the configuration, and is stopped as well.
    for (const [i, command] of [
      ['up', ...feed, '--port', '0'],
      ['serve', ...stages, 'project', 'report', ...feed],
    ].entries()) {
      const begun = await cyclesIn(log);
      const run = crunchNodeRun([...command, '--data-dir', `${folder.path}/${i}`], envOf(namespace));
      try {
        await until(
          'some cycles',
          async () => {
            assert.equal(run.child.exitCode, null, run.output());
            return (await cyclesIn(log)) > begun + 40;
          },
          SOON,
        );
        if (command[0] === 'serve') await assertAnswersAsDocumented(metricsOf(run.output()));
      } finally {
        run.child.kill('SIGTERM');
      }
      const { code, output } = await run.ended;
      assert.equal(code, 0, output);
      assert.deepEqual(await log.heldLeases(), [], 'every lease is given back');
      const closed = await log.last(leaderboards, 'leaderboards.cycle');
      assert.ok((closed?.event.at ?? '') < '2024-01-01T02:25', 'it was stopped before it was through');
    }
    await log.close();
    await upOnce(namespace, `${folder.path}/rest`);
    const digests = (of: Namespace) => digestsOf(servers.nats.url, servers.postgres.url, of);
    assert.deepEqual(await digests(namespace), await digests(expected));
  });
});

/** Names in docs/operating.md: the first of a row in full, those after it as what follows the common beginning. */
async function documentedMetrics(): Promise<string[]> {
  const text = await readFile(join(import.meta.dirname, '../docs/operating.md'), 'utf8');
  const table = text.slice(text.indexOf('\n## Metrics'));
  return table.split('\n').flatMap((line) => {
    const cell = /^\| (`crunch_[^|]*) \|/.exec(line)?.[1];
    if (cell === undefined) return [];
    const names = [...cell.matchAll(/`([a-z_<>]+)[^`]*`/g)].map(([, name]) => name as string);
    const beginning = /^crunch_(<stage>|[a-z]+)/.exec(names[0] ?? '')?.[0] ?? '';
    return names.map((name) => (name.startsWith('_') ? beginning + name : name));
  });
}

/** The address of `/metrics` of a process of `serve`: its API, printed before, has a port of its own. */
const metricsOf = (output: string): string => /^serving .* at (http:\S+)/m.exec(output)?.[1] ?? '';

async function assertAnswersAsDocumented(url: string): Promise<void> {
  const names = await documentedMetrics();
  assert.ok(names.length >= 25, names.join(' '));
  const text = await (await fetch(`${url}/metrics`)).text();
  const missing = names
    .flatMap((name) => (name.includes('<stage>') ? stages.map((stage) => name.replace('<stage>', stage)) : [name]))
    .filter((name) => !text.includes(`# HELP ${name} `));
  assert.deepEqual(missing, [], 'documented and not exposed');
  const moved = (name: string): boolean => new RegExp(`^${name}(\\{[^}]*\\})? [0-9.e-]*[1-9]`, 'm').test(text);
  const still = [
    // The run before has published everything there was to ingest.
    ...stages
      .filter((stage) => stage !== 'ingest')
      .flatMap((stage) => [`crunch_${stage}_events_said_total`, `crunch_${stage}_publish_ack_seconds_count`]),
    ...stages.flatMap((stage) => [`crunch_${stage}_lease_changes_total`, `crunch_${stage}_owned_partitions`]),
    ...stages.filter((stage) => stage !== 'ingest').map((stage) => `crunch_${stage}_events_read_total`),
    ...['score', 'rank'].flatMap((stage) => [
      `crunch_${stage}_cycles_closed_total`,
      `crunch_${stage}_commit_seconds_sum`,
    ]),
    'crunch_predict_call_seconds_count',
    'crunch_predict_calls_total',
    'crunch_predict_batch_events_count',
    'crunch_projection_sequence',
    'crunch_projection_events_total',
    'crunch_projection_commit_seconds_count',
    'crunch_projection_batch_events_sum',
    'crunch_service_state',
  ].filter((name) => !moved(name));
  assert.deepEqual(still, [], 'nothing counted');
}
