import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, type Postgres, privateNats, privatePostgres, until } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { digestTables, openReadModel, type ReadModel } from '@crunch-node/projections';
import { sampleLog } from '@crunch-node/projections/testing';
import { createLogger, startMonitor } from '@crunch-node/service';
import { allStreams, namespaceOf } from '@crunch-node/streams';
import { sql } from 'kysely';
import { Registry } from 'prom-client';
import { startProject } from './start.ts';
import { append } from './testing/append.ts';

const DEADLINE = { deadlineMs: 30_000 };

describe('an event our code cannot apply', () => {
  let nats: NatsServer;
  let postgres: Postgres;
  before(async () => {
    [nats, postgres] = await Promise.all([privateNats(), privatePostgres()]);
  });
  after(async () => {
    await Promise.all([nats?.stop(), postgres?.stop()]);
  });

  async function place(name: string): Promise<{ log: EventLog; readModel: ReadModel; close(): Promise<void> }> {
    const namespace = namespaceOf(name);
    const log = await connectLog({ url: nats.url, namespace });
    await log.ensureStreams(allStreams);
    const readModel = openReadModel({ url: postgres.url, schema: namespace.schema });
    return {
      log,
      readModel,
      async close() {
        await readModel.close();
        await log.close();
      },
    };
  }
  const start = (name: string, log: EventLog, metrics = new Registry()) =>
    startProject({
      log,
      databaseUrl: postgres.url,
      namespace: namespaceOf(name),
      logger: createLogger('silent'),
      metrics,
    });

  it('halts its projection visibly while the others continue, and resumes at its position after a fix', async () => {
    const untouched = await place('untouched');
    const samples = sampleLog(40);
    await append(untouched.log, samples);
    const reference = start('untouched', untouched.log);
    await reference.caughtUp();
    await reference.stop();
    const expected = await digestTables(untouched.readModel.db, untouched.readModel.schema, { all: false });

    const { log, readModel, close } = await place('halting');
    const metrics = new Registry();
    const service = start('halting', log, metrics);
    await append(log, samples.slice(0, 100));
    await service.caughtUp();
    const table = sql.table(`${readModel.schema}.scores`);
    // The effect of a faulty release: rows its tables do not accept.
    await sql`alter table ${table} add constraint faulty check (scored_at is null) not valid`.execute(readModel.db);
    const monitor = await startMonitor({
      services: [service],
      registry: metrics,
      connected: () => true,
      host: '127.0.0.1',
      port: 0,
    });
    await append(log, samples.slice(100));
    const others = () => service.projections().filter(({ name }) => name !== 'scores');
    await until('it to halt', () => service.health().state === 'failed', DEADLINE);
    await until('the others', () => others().every(({ state, lag }) => state === 'running' && lag === 0), DEADLINE);
    const ready = await fetch(`${monitor.url}/readyz`);
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /scores: Postgres refused/);
    assert.equal((await fetch(`${monitor.url}/healthz`)).status, 503);
    const output = await (await fetch(`${monitor.url}/metrics`)).text();
    assert.match(output, /crunch_projection_running\{projection="scores"\} 0/);
    assert.match(output, /crunch_projection_halted\{projection="scores"\} 1/);
    assert.match(output, /crunch_projection_running\{projection="feeds"\} 1/);
    assert.match(output, /crunch_service_state\{service="project",state="failed"\} 1/);
    await monitor.close();
    await service.stop();

    await sql`alter table ${table} drop constraint faulty`.execute(readModel.db);
    const fixed = start('halting', log);
    await fixed.caughtUp();
    await fixed.stop();
    const stated = await digestTables(readModel.db, readModel.schema, { all: false });
    assert.deepEqual(stated, expected);
    await untouched.close();
    await close();
  });
});
