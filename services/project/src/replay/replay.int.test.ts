import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
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
import { type Sample, sampleLog } from '@crunch-node/projections/testing';
import { createLogger, listPositions } from '@crunch-node/runtime';
import {
  allStreams,
  FeedRecorded,
  feeds,
  ModelJoined,
  models,
  type Namespace,
  namespaceOf,
} from '@crunch-node/streams';
import { sql } from 'kysely';
import { rebuild } from '../rebuild.ts';
import { type ProjectOptions, type ProjectService, projectionsNamed, startProject } from '../start.ts';
import { append } from '../testing/append.ts';
import {
  drop,
  dropExpired,
  NothingKept,
  type ReplayContext,
  ReplayRunning,
  replay,
  rollBack,
  SwitchBlocked,
} from './index.ts';

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
    const incomparable = result.compared.filter(({ incomparable }) => incomparable !== '');
    assert.ok(incomparable.length < 4);
    assert.ok(incomparable.every(({ incomparable }) => incomparable === 'nothing is there yet')); // nor in the log
    assert.deepEqual(await digest(), before);
    await append(log, sampleLog(30, later(60)));
    await service.caughtUp();
    const after = await digest();
    assert.notDeepEqual(after, before);
    assert.equal(service.health().state, 'running');
    await replay(context());
    assert.deepEqual(await digest(), after);
  });

  /** Rows that make trouble: said again and again, with other contents, with characters that are none. */
  function troublesome(): Sample[] {
    const record = (ts_event: number, price: number): Sample => ({
      stream: feeds,
      event: FeedRecorded.at(later(0), {
        source: 'a\tb\\',
        subject: 'line\nbreak\r',
        kind: 'tick',
        granularity: '\\N',
        ts_event,
        ordinal: String(price),
        values: { price, note: 'tab\t quote" back\\slash \u0000 \ud800 \u2028' },
      }),
      obs: { host: '\\N' },
    });
    const joined = (model_id: string, revision: number): Sample => ({
      stream: models,
      event: ModelJoined.at(later(revision), {
        partition: 0,
        model_id,
        revision,
        deployment_id: `dep\t${revision}`,
        model_name: 'a\0b',
        cruncher_id: '\ud800',
        cruncher_name: '😀',
      }),
    });
    return [
      ...[1, 2, 1, 3, 1].map((ts) => record(ts, ts)),
      ...[1, 1, 1].map((ts) => record(ts, 1)),
      ...[0, 1, 2, 3].map((revision) => joined('nul\0', revision)),
      joined('nul\uFFFD', 4), // the same to Postgres, which has no NUL
    ];
  }

  it('keeps of what was said again what upserts keep, whatever the characters', async () => {
    const service = start();
    const repeated = troublesome();
    // Ids are the server's business for two minutes only; afterwards everything can be said again.
    const again = repeated.map((sample, n) => ({
      ...sample,
      event: { ...sample.event, id: `${sample.event.id}:${n}` },
    }));
    await append(log, [...again, ...sampleLog(10)]);
    await service.caughtUp();
    const before = await digest();
    const { compared, refused, failed } = await replay(context(), { only: ['feeds', 'models'] });
    assert.deepEqual([refused, failed], [[], []]);
    assert.ok(compared.every(({ tables }) => tables.every(({ rows }) => rows[0] > 0)));
    assert.deepEqual(await digest(), before);
  });

  it('is built while events come all the time, and loses none of them', async () => {
    const service = start();
    await append(log, sampleLog(50));
    await service.caughtUp();
    let minute = 50;
    let over = false;
    const speaking = (async () => {
      while (!over) {
        await append(log, sampleLog(10, later(minute)));
        minute += 10;
        await delay(25);
      }
    })();
    for (let round = 0; round < 3; round++) {
      const { switched, refused, failed } = await replay(context());
      assert.deepEqual([switched, refused, failed], [names, [], []]);
    }
    over = true;
    await speaking;
    await service.caughtUp();
    const live = await digest();
    await service.stop();
    await rebuild(readModel);
    await start().caughtUp();
    assert.deepEqual(await digest(), live);
  });

  const scoresAt = (version: number): Projection => {
    const [scores] = projectionsNamed(['scores']);
    return { ...(scores as Projection), version };
  };
  const positionOf = async (name: string) =>
    (await listPositions(readModel.db, readModel.schema)).find(({ projection }) => projection === name);

  it('brings another version, and goes back to the one before', async () => {
    const service = start();
    await append(log, sampleLog(20));
    await service.caughtUp();
    const before = await digest();
    const result = await replay(context(), { projections: [scoresAt(99)] });
    assert.deepEqual(result.switched, ['scores']);
    assert.match(result.compared[0]?.incomparable ?? '', /^version \d+ became 99$/);
    assert.equal((await positionOf('scores'))?.version, 99);
    const scores = () => service.projections().find(({ name }) => name === 'scores');
    await until('the older release to wait', () => scores()?.state === 'waiting', DEADLINE);
    assert.match(
      scores()?.detail ?? '',
      /run the newer release, or go back with `crunch-node replay --rollback scores`/,
    );

    await append(log, sampleLog(20, later(20)));
    assert.deepEqual(await rollBack(context(), { only: ['scores'] }), ['scores']);
    await service.caughtUp(); // the old one catches up by itself
    assert.equal(service.health().state, 'running');
    const after = await digest();
    assert.notDeepEqual(after, before);
    const rows = (digests: readonly TableDigest[]) => digests.find(({ table }) => table === 'scores')?.rows ?? 0;
    assert.ok(rows(after) > rows(before));
    assert.deepEqual(await slots(), ['scores current ready', 'scores previous ready']);
  });

  it('refuses rows that should be the same and are not, says which, and switches when told to', async () => {
    const service = start();
    await append(log, sampleLog(20));
    await service.caughtUp();
    const right = await digest();
    const { db, schema } = readModel;
    await sql`update ${sql.id(schema, 'leaderboard_entries')} set rank = 7
      where model_id = '2' and cycle_end = (select max(cycle_end) from ${sql.id(schema, 'leaderboards')})`.execute(db);
    await sql`delete from ${sql.id(schema, 'leaderboards')}
      where cycle_end = (select min(cycle_end) from ${sql.id(schema, 'leaderboards')})`.execute(db);
    const wrong = await digest();

    const refused = await replay(context());
    assert.deepEqual(refused.refused, ['leaderboards']);
    assert.deepEqual(
      refused.switched,
      names.filter((name) => name !== 'leaderboards'),
    );
    const compared = refused.compared.find(({ projection }) => projection === 'leaderboards');
    const different = compared?.tables.filter(({ differs }) => differs) ?? [];
    assert.deepEqual(
      different.map(({ table, first }) => [table, first.length]),
      [
        ['leaderboards', 1],
        ['leaderboard_entries', 1],
      ],
    );
    assert.equal(different[0]?.first[0]?.current, null);
    assert.deepEqual([different[1]?.first[0]?.current, different[1]?.first[0]?.next], [{ rank: 7 }, { rank: 1 }]);
    assert.deepEqual(compared?.top?.next.map(({ rank, model_id }) => [rank, model_id])[0], [1, '2']);
    assert.deepEqual(await digest(), wrong);

    const accepted = await replay(context(), { only: ['leaderboards'], accept: true });
    assert.deepEqual(accepted.switched, ['leaderboards']);
    assert.deepEqual(await digest(), right);
  });

  it('leaves out a projection that cannot apply an event, and gives the others theirs', async () => {
    const service = start();
    await append(log, sampleLog(20));
    await service.caughtUp();
    const before = await digest();
    const [scores, snapshots] = projectionsNamed(['scores', 'snapshots']) as [Projection, Projection];
    const broken: Projection = {
      ...scores,
      apply(batch, closings) {
        if (batch.some(({ sequence }) => sequence === 7)) throw new Error('not that one');
        return scores.apply(batch, closings);
      },
    };
    const result = await replay(context(), { projections: [broken, snapshots], fingerprint: 'broken' });
    assert.deepEqual(result.switched, ['snapshots']);
    assert.match(
      result.failed[0]?.error.message ?? '',
      /projection scores cannot apply .* at sequence 7: not that one/,
    );
    assert.deepEqual(await digest(), before);
    assert.ok((await slots()).includes('scores next copying'));
    // Repaired code does not go on with what other code has built.
    assert.deepEqual((await replay(context(), { only: ['scores'] })).switched, ['scores']);
    assert.deepEqual(await digest(), before);
  });

  it('runs once at a time', async () => {
    await append(log, sampleLog(5));
    let second: Promise<unknown> | undefined;
    await replay(
      context({
        onPoint: async (point) => {
          if (point !== 'indexed' || second !== undefined) return;
          second = replay(context());
          await assert.rejects(second, (error: unknown) => {
            assert.ok(error instanceof ReplayRunning);
            assert.match(error.message, /backend \d+/);
            return true;
          });
        },
      }),
    );
    assert.ok(second);
  });

  it('gives way to whoever reads for long', async () => {
    await append(log, sampleLog(5));
    const service = start();
    await service.caughtUp();
    const reading = await readModel.db.startTransaction().execute();
    await sql`select count(*) from ${sql.id(readModel.schema, 'scores')}`.execute(reading);
    const blocked = replay(context(), { patienceMs: 1_500 });
    await assert.rejects(blocked, (error: unknown) => {
      assert.ok(error instanceof SwitchBlocked);
      assert.match(error.message, /crunch-node \(process \d+, idle in transaction/);
      return true;
    });
    assert.equal((await positionOf('scores'))?.sequence, (await positionOf('scores'))?.sequence);
    // With the reader gone it goes through, from where it was.
    const finally_ = replay(context());
    await sql`select 1`.execute(reading);
    await reading.commit().execute();
    assert.deepEqual((await finally_).switched, names);
  });

  it('keeps what it replaces for as long as it is told to', async () => {
    await append(log, sampleLog(5));
    const service = start();
    await service.caughtUp();
    await replay(context(), { only: ['scores'], keepSeconds: 0 });
    assert.deepEqual(await slots(), ['scores current ready']);
    await assert.rejects(rollBack(context(), { only: ['scores'] }), NothingKept);
    await replay(context(), { only: ['scores'], keepSeconds: 3_600 });
    assert.deepEqual((await dropExpired(readModel)).dropped, []);
    const { db, schema } = readModel;
    await sql`update ${sql.id(schema, 'generations')} set keep_until = now() where slot = 'previous'`.execute(db);
    assert.deepEqual((await dropExpired(readModel)).dropped.length, 1);
    assert.deepEqual(await slots(), ['scores current ready']);
    await service.caughtUp();
  });

  it('leaves views and permissions of others as they were', async () => {
    await append(log, sampleLog(5));
    await start().caughtUp();
    const { db, schema } = readModel;
    const role = sql.id(`reader_${schema}`);
    await sql`create role ${role}`.execute(db);
    await sql`grant usage on schema ${sql.id(schema)}, ${sql.id(`views_${schema}`)} to ${role}`.execute(db);
    await sql`grant select on ${sql.id(schema, 'scores')}, ${sql.id(`views_${schema}`, 'scores')} to ${role}`.execute(
      db,
    );
    await sql`create schema ${sql.id(`theirs_${schema}`)}`.execute(db);
    const [view, kept] = ['ids', 'stored'].map((name) => sql.id(`theirs_${schema}`, name));
    await sql`create view ${view} as select score_id from ${sql.id(schema, 'scores')}`.execute(db);
    await sql`create materialized view ${kept} as select score_id from ${sql.id(schema, 'scores')}`.execute(db);
    const { left } = await replay(context());
    assert.deepEqual(
      left.map(({ name }) => name),
      ['stored'],
    );
    await append(log, sampleLog(5, later(5)));
    await services[0]?.caughtUp();
    await db.transaction().execute(async (trx) => {
      const ids = await sql<{ n: number }>`select count(*) as n from ${view}`.execute(trx);
      assert.equal(ids.rows[0]?.n, (await digest()).find(({ table }) => table === 'scores')?.rows);
      await sql`set local role ${role}`.execute(trx);
      await sql`select * from ${sql.id(schema, 'scores')}`.execute(trx);
      await sql`select * from ${sql.id(`views_${schema}`, 'scores')}`.execute(trx);
    });
    const { faults } = await drop(readModel, ({ slot }) => slot === 'previous');
    assert.match(
      faults[0]?.message ?? '',
      /previous generation of scores: cannot drop table .* because other objects depend/,
    );
    assert.deepEqual(
      (await slots()).filter((slot) => slot.includes('previous')),
      ['scores previous ready'],
    );
  });

  it('gives rows to a projection that had halted, which then goes on', async () => {
    await append(log, sampleLog(10));
    const service = start();
    await service.caughtUp();
    const before = await digest();
    const { db, schema } = readModel;
    await sql`update ${sql.id(schema, 'positions')} set message_id = 'lost', sequence = sequence - 1
      where projection = 'scores'`.execute(db);
    await until('it to halt', () => service.health().state === 'failed', DEADLINE);
    assert.match(service.health().detail, /replay scores --accept/);
    assert.deepEqual((await replay(context())).refused, ['scores']);
    assert.deepEqual((await replay(context(), { only: ['scores'], accept: true })).switched, ['scores']);
    await until('it to go on', () => service.health().state === 'running', DEADLINE);
    assert.deepEqual(await digest(), before);
  });
});
