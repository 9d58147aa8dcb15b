import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startPostgres } from '@crunch-node/embedded';
import {
  type NatsServer,
  type Postgres,
  privateNats,
  type SmallDisk,
  smallDisk,
  until,
} from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { openReadModel } from '@crunch-node/projections';
import { sampleLog } from '@crunch-node/projections/testing';
import { ReplayOutOfRoom, replay } from '@crunch-node/projector';
import { createLogger, startMonitor } from '@crunch-node/service';
import { allStreams, namespaceOf } from '@crunch-node/streams';
import { sql } from 'kysely';
import { Registry } from 'prom-client';
import { type ProjectService, startProject } from './start.ts';
import { append } from './testing/append.ts';

/** A cluster with its journal takes some 40 MB. */
const DISK_MB = 200;
const DEADLINE = { deadlineMs: 60_000 };
const disk = await smallDisk(DISK_MB);
const skip = disk === null && 'NOT PERMITTED to mount a small disk';

describe('a Postgres whose disk is really full', { skip }, () => {
  let nats: NatsServer;
  let postgres: Postgres;
  before(async () => {
    [nats, postgres] = await Promise.all([privateNats(), startPostgres({ dataDir: `${disk!.path}/postgres` })]);
  });
  after(async () => {
    await Promise.all([nats?.stop(), postgres?.stop()]);
    await disk?.unmount();
  });

  /** A read model that is current, and as many events again still to come. */
  async function place(name: string, work: (at: SmallDiskRun) => Promise<void>): Promise<void> {
    const namespace = namespaceOf(name);
    const log = await connectLog({ url: nats.url, namespace });
    await log.ensureStreams(allStreams);
    const samples = sampleLog(1_000);
    await append(log, samples.slice(0, 100));
    const metrics = new Registry();
    const context = { log, databaseUrl: postgres.url, namespace, logger: createLogger('silent') };
    const service = startProject({ ...context, metrics });
    const monitor = await startMonitor({
      services: [service],
      registry: metrics,
      connected: () => true,
      host: '127.0.0.1',
      port: 0,
    });
    const ask = async (path: string) => {
      const answer = await fetch(`${monitor.url}${path}`);
      return { status: answer.status, text: await answer.text() };
    };
    try {
      await service.caughtUp();
      const goOn = () => append(log, samples.slice(100));
      await work({ log, service, disk: disk!, ask, goOn, replay: () => replay(context) });
      await service.caughtUp();
      assert.equal(service.health().state, 'running');
      assert.equal((await ask('/readyz')).status, 200);
      const { switched, refused } = await replay(context);
      assert.deepEqual([switched.length, refused], [service.projections().length, []], 'rows equal the rebuilt ones');
    } finally {
      await monitor.close();
      await service.stop();
      await log.close();
    }
  }

  it('stops only projections that have rows to write; a replay ends', () =>
    place('rows', async ({ service, disk: small, ask, goOn, replay: again }) => {
      await small.fill(1);
      await goOn();
      const waiting = () => service.projections().filter(({ state }) => state === 'waiting');
      await until('room to be waited for', () => waiting().some(({ name }) => name === 'scores'), DEADLINE);
      const ready = await ask('/readyz');
      assert.equal(ready.status, 503);
      assert.match(ready.text, /the disk of Postgres is full, it goes on when there is room/);
      assert.equal((await ask('/healthz')).status, 200, 'nothing a restart would mend');
      const { text } = await ask('/metrics');
      assert.match(text, /crunch_projection_retries_total\{projection="\w+",reason="DiskFull"\} \d/);
      assert.match(text, /crunch_projection_running\{projection="scores"\} 0/);
      assert.match(text, /crunch_projection_running\{projection="configurations"\} 1/);

      await assert.rejects(again(), (error: Error) => {
        assert.ok(error instanceof ReplayOutOfRoom, String(error));
        assert.match(error.message, /make room and run it again/);
        return true;
      });
      assert.ok(waiting().length > 0, 'the others wait as before');
      await small.makeRoom();
    }));

  it('ends when its journal finds no room, and has every row once it can be started again', () =>
    place('journal', async ({ service, disk: small, goOn }) => {
      await small.fill(1);
      const other = openReadModel({ url: postgres.url, schema: 'nobody' });
      await assert.rejects(async () => {
        for (;;) await sql`select pg_logical_emit_message(false, 'fills', repeat('x', 1000000))`.execute(other.db);
      });
      await other.close().catch(() => undefined);
      await goOn();
      await until('it to be missed', () => service.health().state === 'waiting', DEADLINE);
      assert.equal(service.projections().filter(({ state }) => state === 'failed').length, 0);
      await small.makeRoom();
      await postgres.restart();
    }));
});

interface SmallDiskRun {
  readonly log: EventLog;
  readonly service: ProjectService;
  readonly disk: SmallDisk;
  ask(path: string): Promise<{ readonly status: number; readonly text: string }>;
  /** Publishes the rest of the log. */
  goOn(): Promise<void>;
  replay(): ReturnType<typeof replay>;
}
