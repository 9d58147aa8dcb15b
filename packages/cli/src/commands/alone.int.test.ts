import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { type NatsServer, type Postgres, privateNats, privatePostgres, until } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { allStreams, FeedRecorded, feeds, namespaceOf } from '@crunch-node/streams';
import { type RunningCli, runCli } from '../testing/run-cli.ts';

const record = FeedRecorded.at('2024-01-01T00:01:00.000000Z', {
  source: 'test',
  subject: 'BTC',
  kind: 'candle',
  granularity: '1m',
  ts_event: Date.parse('2024-01-01T00:00:00Z'),
  values: { close: 1 },
  metadata: {},
});

describe('a service that is alone in its process', () => {
  let nats: NatsServer;
  let postgres: Postgres;
  let log: EventLog;
  let folder: TempDir;
  const running: RunningCli[] = [];
  before(async () => {
    [nats, postgres, folder] = await Promise.all([privateNats(), privatePostgres(), tempDir('crunch-alone-')]);
    log = await connectLog({ url: nats.url, namespace: namespaceOf('alone') });
    await log.ensureStreams(allStreams);
    await log.publisher().append(feeds, { event: record, natsSubject: FeedRecorded.natsSubjectOf(record.data) });
  });
  after(async () => {
    for (const { child, ended } of running) {
      child.kill('SIGKILL');
      await ended;
    }
    await log?.close();
    await Promise.all([nats?.stop(), postgres?.stop()]);
    await folder?.remove();
  });

  /** Starts the command and resolves with the address of its health, once it has printed it. */
  async function start(...args: string[]): Promise<{ readonly run: RunningCli; readonly health: string }> {
    const env = {
      NATS_URL: nats.url,
      DATABASE_URL: postgres.url,
      CRUNCH_NAMESPACE: 'alone',
      API_NO_SUCH_THING: 'yes',
    };
    const run = runCli([...args, '--log-level', 'warn'], { env, cwd: folder.path });
    running.push(run);
    const address = (output: string) => /health at (\S+)\/readyz/.exec(output)?.[1];
    await run.reaches('its health', (output) => address(output) !== undefined);
    return { run, health: address(run.output())! };
  }
  const readyAt = (health: string) =>
    until('it to be ready', async () => (await fetch(`${health}/readyz`)).status === 200, { deadlineMs: 60_000 });
  async function assertEnds({ child, ended }: RunningCli): Promise<string> {
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /warning: API_NO_SUCH_THING is not known/);
    return stdout;
  }

  it('shows its health and its counts: projections', async () => {
    const { run, health } = await start('project', '--only', 'feeds');
    await readyAt(health);
    const applied = async () => /^crunch_projection_sequence\{projection="feeds"\} 1$/m.test(await metrics());
    const metrics = async () => (await fetch(`${health}/metrics`)).text();
    await until('the record to be a row', applied, { deadlineMs: 60_000 });
    assert.doesNotMatch(await metrics(), /projection="scores"/);
    await assertEnds(run);
  });

  it('shows its health and responds: the API, also after a kill -9', async () => {
    const killed = await start('report', '--port', '0');
    await readyAt(killed.health);
    killed.run.child.kill('SIGKILL');
    await killed.run.ended;
    const { run, health } = await start('report', '--port', '0');
    await readyAt(health);
    const { services } = (await (await fetch(`${health}/readyz`)).json()) as { services: object };
    assert.deepEqual(Object.keys(services), ['report']);
    assert.match(await assertEnds(run), /^http:\/\/127\.0\.0\.1:\d+\n$/);
  });
});
