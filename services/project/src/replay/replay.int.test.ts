import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type NatsServer, type Postgres, privateNats, privatePostgres, until } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import {
  digestTables,
  openReadModel,
  type Projection,
  type ReadModel,
  type TableDigest,
} from '@crunch-node/projections';
import { listGenerations } from '@crunch-node/projections/generations';
import { sampleLog } from '@crunch-node/projections/testing';
import { createLogger, listPositions } from '@crunch-node/runtime';
import { allStreams, type Namespace, namespaceOf } from '@crunch-node/streams';
import { sql } from 'kysely';
import { type ProjectOptions, type ProjectService, projectionsNamed, startProject } from '../start.ts';
import { append } from '../testing/append.ts';
import { drop, NothingKept, type ReplayContext, ReplayRunning, replay, rollBack, SwitchBlocked } from './index.ts';

const DEADLINE = { deadlineMs: 60_000 };
const START = Date.UTC(2026, 10, 21, 19);

describe('a replay', () => {
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

  function start(options?: ProjectOptions): ProjectService {
    const service = startProject(
      { log, databaseUrl: postgres.url, namespace, logger: createLogger('silent') },
      options,
    );
    services.push(service);
    return service;
  }
  const context = (more: Partial<ReplayContext> = {}): ReplayContext => ({
    log,
    databaseUrl: postgres.url,
    namespace,
    logger: createLogger('silent'),
    ...more,
  });
  const digest = (): Promise<readonly TableDigest[]> => digestTables(readModel.db, readModel.schema, { all: true });
  const slots = async () =>
    (await listGenerations(readModel.db, readModel.schema)).map(
      ({ projection, slot, stage }) => `${projection} ${slot} ${stage}`,
    );
  const names = projectionsNamed(undefined).map(({ name }) => name);
  const later = (minutes: number) => new Date(START + minutes * 60_000).toISOString().replace('Z', '000Z') as never;

  it('builds what is there, and the live projections go on in it', async () => {
    const service = start();
    for (const minutes of [20, 60]) await append(log, sampleLog(minutes)); // the second one says much of it again
    await service.caughtUp();
    const before = await digest();
    const result = await replay(context());
    assert.deepEqual(result.failed, []);
    assert.deepEqual(result.refused, []);
    assert.deepEqual(result.switched, names);
    assert.deepEqual(
      result.compared.filter(({ incomparable }) => incomparable !== '').map(({ projection }) => projection),
      ['signals'], // of which nothing was said
    );
    assert.deepEqual(await digest(), before);
    await append(log, sampleLog(30, later(60)));
    await service.caughtUp();
    const after = await digest();
    assert.notDeepEqual(after, before);
    assert.equal(service.health().state, 'running');
    await replay(context());
    assert.deepEqual(await digest(), after);
  });
});
