import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ReportService, startReport } from '@crunch-node/report';
import { createLogger } from '@crunch-node/service';
import { runCli } from '../packages/cli/src/testing/run-cli.ts';
import { freshNamespace, type Pipeline, startPipeline } from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';
import { startTamperer, type Tamper } from './support/tamperer.ts';

interface Row {
  readonly id: string;
  readonly model_id: string;
  readonly [field: string]: unknown;
}

describe('evidence checked by a stranger', () => {
  let servers: Servers;
  let pipeline: Pipeline;
  let report: ReportService;
  let snapshots: Row[];
  before(async () => {
    servers = await startServers();
    const namespace = freshNamespace();
    const databaseUrl = servers.postgres.url;
    pipeline = await startPipeline({ natsUrl: servers.nats.url, databaseUrl, namespace });
    await pipeline.finished();
    await pipeline.projected();
    report = await startReport({
      databaseUrl,
      namespace,
      config: pipeline.config,
      pace: 'replay',
      host: '127.0.0.1',
      port: 0,
      version: '0.1.0',
      logger: createLogger('silent'),
    });
    snapshots = (await (await fetch(`${report.url}/reports/snapshots?limit=1000`)).json()) as Row[];
  });
  after(async () => {
    await report?.stop();
    await pipeline?.stop();
    await servers?.stop();
  });

  const verify = (url: string, snapshotId: string, ...more: readonly string[]) =>
    runCli(['merkle', 'verify', '--url', url, '--snapshot-id', snapshotId, ...more]).ended;

  /** One that a checkpoint covers, with cycles before it. */
  const covered = (): Row => snapshots[Math.floor(snapshots.length / 3)]!;

  it('holds for a snapshot in a checkpoint, back to the first cycle', async () => {
    const { code, stdout, stderr } = await verify(report.url, covered().id, '--full');
    assert.equal(code, 0, stdout + stderr);
    const steps = stdout
      .trim()
      .split('\n')
      .map((line) => line.slice(0, 20).trim());
    assert.deepEqual(
      steps.slice(0, -1),
      ['content', 'leaf', 'cycle', 'chain', 'checkpoint'].map((step) => `ok      ${step}`),
    );
    assert.match(stdout, /chain {9}\d+ links back, CYC_\S+ is the first cycle/);
    assert.match(stdout, /checkpoint {4}CKP_\S+, \d+ steps to [0-9a-f]{64}/);
  });

  it('holds for what no checkpoint covers yet, as far as it goes', async () => {
    const { code, stdout } = await verify(report.url, snapshots.at(-1)!.id, '--json');
    const { verified, steps } = JSON.parse(stdout) as { verified: boolean; steps: { name: string; detail: string }[] };
    assert.deepEqual([code, verified], [0, true], stdout);
    assert.match(steps.at(-1)?.detail ?? '', /no checkpoint covers the cycle yet|CKP_/);
  });

  it('takes a root that is known from elsewhere', async () => {
    const proofUrl = `${report.url}/reports/merkle/proof?snapshot_id=${encodeURIComponent(covered().id)}`;
    const { merkle_root } = (await (await fetch(proofUrl)).json()) as { merkle_root: string };
    assert.equal((await verify(report.url, covered().id, '--root', merkle_root)).code, 0);
    const other = await verify(report.url, covered().id, '--root', 'f'.repeat(64));
    assert.equal(other.code, 1);
    assert.match(other.stdout, /FAILED {2}trusted root/);
  });

  const raise =
    (field: string): Tamper =>
    (text) =>
      text.replace(new RegExp(`("${field}":)(-?\\d[^,}]*)`), '$17.5');
  const flip =
    (field: string): Tamper =>
    (text) =>
      text.replace(new RegExp(`("${field}":")(.)`, 'g'), (_, head, digit) => `${head}${digit === '0' ? '1' : '0'}`);
  const lies: readonly (readonly [string, string, Tamper, RegExp, ...string[]])[] = [
    ['a number people read', '/reports/snapshots', raise('value'), /FAILED {2}content/],
    ['the count of predictions', '/reports/snapshots', raise('prediction_count'), /FAILED {2}content/],
    [
      'number and text alike',
      '/reports/snapshots',
      (text) =>
        text.replaceAll('"model_id":"', '"model_id":"x').replaceAll('\\"model_id\\":\\"', '\\"model_id\\":\\"x'),
      /FAILED {2}leaf/,
    ],
    ['the hash in the proof', '/reports/merkle/proof', flip('snapshot_content_hash'), /FAILED {2}leaf/],
    [
      'a sibling',
      '/reports/merkle/proof',
      (text) => text.replace(/("path":\[\{"hash":").{4}/, '$10000'),
      /FAILED {2}cycle/,
    ],
    ['the root of a cycle', '/reports/merkle/cycles/', flip('snapshots_root'), /FAILED {2}cycle/],
    ['what a cycle continues', '/reports/merkle/cycles/', flip('previous_cycle_root'), /FAILED {2}cycle/],
    [
      'an old cycle',
      '/reports/merkle/cycles?',
      (text) => text.replace(/("snapshots_root":").{4}/, '$10000'),
      /FAILED {2}chain/,
      '--full',
    ],
    ['the chain left out', '/reports/merkle/cycles?', () => '[]', /FAILED {2}chain/, '--full'],
    ['the root in the proof', '/reports/merkle/proof', flip('merkle_root'), /FAILED {2}checkpoint/],
    ['the root of the checkpoint', '/payload', flip('merkle_root'), /FAILED {2}checkpoint/],
  ];
  for (const [what, path, tamper, failed, ...more] of lies) {
    it(`refutes a change of ${what}`, async () => {
      const proxy = await startTamperer(report.url, path, tamper);
      try {
        const { code, stdout, stderr } = await verify(proxy.url, covered().id, ...more);
        assert.ok(proxy.changed() > 0, `nothing was changed: ${stdout}`);
        assert.equal(code, 1, stdout);
        assert.match(stdout, failed, stderr);
      } finally {
        await proxy.stop();
      }
    });
  }

  it('reports what is missing, and which server does not answer', async () => {
    const unknown = await verify(report.url, 'SNAP_none');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stdout, /FAILED {2}published {5}there is no snapshot SNAP_none/);
    const unreachable = await verify('http://127.0.0.1:1', 'SNAP_none');
    assert.equal(unreachable.code, 1);
    assert.match(unreachable.stderr, /^crunch-node: expected an answer of a report API at .*\n$/);
  });
});
