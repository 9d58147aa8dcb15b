import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type NatsServer, type Postgres, privateNats, privatePostgres, until } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { digestTables, openReadModel, type ReadModel, type TableDigest } from '@crunch-node/projections';
import { type Sample, sampleLog } from '@crunch-node/projections/testing';
import { ProjectionStopped, projectionsNamed, rebuild, UnknownProjection } from '@crunch-node/projector';
import { createLogger } from '@crunch-node/service';
import { allStreams, type Namespace, namespaceOf } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { type ProjectOptions, type ProjectService, startProject } from './start.ts';
import { append } from './testing/append.ts';

const DEADLINE = { deadlineMs: 30_000 };

describe('project', () => {
  let nats: NatsServer;
  let postgres: Postgres;
  let namespace: Namespace;
  let log: EventLog;
  let readModel: ReadModel;
  let services: ProjectService[] = [];
  let count = 0;

  before(async () => {
    [nats, postgres] = await Promise.all([privateNats(), privatePostgres()]);
  });
  after(async () => {
    await Promise.all([nats?.stop(), postgres?.stop()]);
  });
  beforeEach(async () => {
    services = [];
    namespace = namespaceOf(`run${++count}`);
    log = await connectLog({ url: nats.url, namespace });
    await log.ensureStreams(allStreams);
    readModel = openReadModel({ url: postgres.url, schema: namespace.schema });
  });
  afterEach(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await readModel.close();
    await log.close();
  });

  function start(options?: ProjectOptions, metrics = new Registry()): ProjectService {
    const logger = createLogger('silent');
    const service = startProject({ log, databaseUrl: postgres.url, namespace, logger, metrics }, options);
    services.push(service);
    return service;
  }
  const digest = (): Promise<readonly TableDigest[]> => digestTables(readModel.db, readModel.schema, { all: true });
  const rowsIn = async (table: string) => (await digest()).find((d) => d.table === table)?.rows;

  /** The rows of an undisturbed run. */
  async function undisturbed(samples: readonly Sample[]): Promise<readonly TableDigest[]> {
    await append(log, samples);
    const service = start();
    await service.caughtUp();
    const digests = await digest();
    await service.stop();
    return digests;
  }

  it('brings every projection to the end of its stream, and continues', async () => {
    const metrics = new Registry();
    const service = start({}, metrics);
    await append(log, sampleLog(20));
    await service.caughtUp();
    assert.equal(await rowsIn('predictions'), 54);
    assert.equal(await rowsIn('leaderboards'), 16);
    assert.equal(service.health().state, 'running');
    assert.deepEqual(
      service.projections().map(({ name }) => name),
      projectionsNamed(undefined).map(({ name }) => name),
    );
    assert.ok(service.projections().every(({ lag }) => lag === 0));
    assert.match(await metrics.metrics(), /crunch_projection_lag_events\{projection="scores"\} 0/);
    await service.stop();
    assert.equal(service.health().state, 'stopped');
    await service.ended;
  });

  it('rebuilds to the very same rows', async () => {
    const live = start();
    for (const minutes of [5, 30]) await append(log, sampleLog(minutes)); // the second one repeats much of it
    await live.caughtUp();
    await live.stop();
    const before = await digest();
    await rebuild(readModel);
    assert.equal(await rowsIn('predictions'), 0);
    await start().caughtUp();
    assert.deepEqual(await digest(), before);
  });

  it('runs the named projections alone', async () => {
    await append(log, sampleLog(10));
    await start({ only: ['scores'] }).caughtUp();
    assert.equal(await rowsIn('scores'), 14);
    assert.equal(await rowsIn('predictions'), 0);
    assert.throws(() => start({ only: ['scores', 'socks'] }), UnknownProjection);
  });

  it('finds its tables again when Postgres dies as soon as they are there', async () => {
    const service = start();
    await until('it to have begun', () => service.health().state === 'running', DEADLINE);
    await postgres.kill();
    await append(log, sampleLog(20));
    await postgres.restart();
    await service.caughtUp();
    assert.equal(await rowsIn('leaderboards'), 16);
  });

  it('ends with the digest of an undisturbed run when Postgres dies in the middle', async () => {
    const samples = sampleLog(400);
    const expected = await undisturbed(samples);
    await rebuild(readModel);

    const service = start();
    await until('it to have begun', () => service.projections().some(({ rows }) => rows > 0), DEADLINE);
    await postgres.kill();
    await append(log, [sampleLog(1, '2027-01-01T00:00:00.000000Z')[4]!]); // the log is not affected
    await until('it to notice', () => service.health().state === 'waiting', DEADLINE);
    await postgres.restart();
    await service.caughtUp();
    const withoutFeeds = (digests: readonly TableDigest[]) => digests.filter(({ table }) => !table.startsWith('feed_'));
    assert.deepEqual(withoutFeeds(await digest()), withoutFeeds(expected));
    assert.equal(await rowsIn('feed_records'), 401);
  });

  it('begins while Postgres is away', async () => {
    await append(log, sampleLog(5));
    await postgres.kill();
    const service = start();
    await until('it to wait', () => service.health().state === 'waiting', DEADLINE);
    await postgres.restart();
    await service.caughtUp();
    assert.equal(await rowsIn('feed_records'), 5);
  });

  it('halts one projection and lets the others continue', async () => {
    const service = start();
    await service.caughtUp();
    await readModel.db.schema.withSchema(readModel.schema).dropTable('merkle_cycles').execute();
    await append(log, sampleLog(10));
    await assert.rejects(service.caughtUp(), (error: unknown) => {
      assert.ok(error instanceof ProjectionStopped);
      assert.equal(error.projection, 'snapshots');
      return true;
    });
    assert.equal(service.health().state, 'failed');
    assert.match(service.health().detail, /snapshots: Postgres refused/);
    const others = () => service.projections().filter(({ name }) => name !== 'snapshots');
    await until('the others', () => others().every(({ state, lag }) => state === 'running' && lag === 0), DEADLINE);
    await service.stop();
    await assert.rejects(service.ended, { name: 'WriteRefused' });
  });
});
