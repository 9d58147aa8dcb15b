import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '@crunch-node/embedded/testing';
import { sampleLog } from '@crunch-node/projections/testing';
import {
  drop,
  dropExpired,
  NothingKept,
  projectionsNamed,
  ReplayRunning,
  replay,
  rollBack,
  SwitchBlocked,
} from '@crunch-node/projector';
import { sql } from 'kysely';
import { append } from '../testing/append.ts';
import { later, openSceneForEach, type Scene } from '../testing/replay-scene.ts';

const DEADLINE = { deadlineMs: 60_000 };
const names = projectionsNamed(undefined).map(({ name }) => name);

describe('the switch of a replay', () => {
  let scene: Scene;
  openSceneForEach((opened) => {
    scene = opened;
  });

  it('runs once at a time', async () => {
    await append(scene.log, sampleLog(5));
    let second: Promise<unknown> | undefined;
    await replay(
      scene.context({
        onPoint: async (point) => {
          if (point !== 'indexed' || second !== undefined) return;
          second = replay(scene.context());
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

  it('gives way to long reads', async () => {
    await append(scene.log, sampleLog(5));
    const service = scene.start();
    await service.caughtUp();
    const reading = await scene.readModel.db.startTransaction().execute();
    await sql`select count(*) from ${sql.id(scene.readModel.schema, 'scores')}`.execute(reading);
    const blocked = replay(scene.context(), { patienceMs: 1_500 });
    await assert.rejects(blocked, (error: unknown) => {
      assert.ok(error instanceof SwitchBlocked);
      assert.match(error.message, /crunch-node \(process \d+, idle in transaction/);
      return true;
    });
    // With the reader gone the switch succeeds, from where it was.
    const after = replay(scene.context());
    await sql`select 1`.execute(reading);
    await reading.commit().execute();
    assert.deepEqual((await after).switched, names);
  });

  it('keeps the replaced generation for the configured time', async () => {
    await append(scene.log, sampleLog(5));
    const service = scene.start();
    await service.caughtUp();
    await replay(scene.context(), { only: ['scores'], keepSeconds: 0 });
    assert.deepEqual(await scene.slots(), ['scores current ready']);
    await assert.rejects(rollBack(scene.context(), { only: ['scores'] }), NothingKept);
    await replay(scene.context(), { only: ['scores'], keepSeconds: 3_600 });
    assert.deepEqual((await dropExpired(scene.readModel)).dropped, []);
    const { db, schema } = scene.readModel;
    await sql`update ${sql.id(schema, 'generations')} set keep_until = now() where slot = 'previous'`.execute(db);
    assert.deepEqual((await dropExpired(scene.readModel)).dropped.length, 1);
    assert.deepEqual(await scene.slots(), ['scores current ready']);
    await service.caughtUp();
  });

  it('leaves views and permissions of others as they were', async () => {
    await append(scene.log, sampleLog(5));
    const service = scene.start();
    await service.caughtUp();
    const { db, schema } = scene.readModel;
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
    const { left } = await replay(scene.context());
    assert.deepEqual(
      left.map(({ name }) => name),
      ['stored'],
    );
    await append(scene.log, sampleLog(5, later(5)));
    await service.caughtUp();
    await db.transaction().execute(async (trx) => {
      const ids = await sql<{ n: number }>`select count(*) as n from ${view}`.execute(trx);
      assert.equal(ids.rows[0]?.n, (await scene.digest()).find(({ table }) => table === 'scores')?.rows);
      await sql`set local role ${role}`.execute(trx);
      await sql`select * from ${sql.id(schema, 'scores')}`.execute(trx);
      await sql`select * from ${sql.id(`views_${schema}`, 'scores')}`.execute(trx);
    });
    const { faults } = await drop(scene.readModel, ({ slot }) => slot === 'previous');
    assert.match(
      faults[0]?.message ?? '',
      /previous generation of scores: cannot drop table .* because other objects depend/,
    );
    assert.deepEqual(
      (await scene.slots()).filter((slot) => slot.includes('previous')),
      ['scores previous ready'],
    );
  });

  it('gives rows to a halted projection, which then resumes', async () => {
    await append(scene.log, sampleLog(10));
    const service = scene.start();
    await service.caughtUp();
    const before = await scene.digest();
    const { db, schema } = scene.readModel;
    await sql`update ${sql.id(schema, 'positions')} set message_id = 'lost', sequence = sequence - 1
      where projection = 'scores'`.execute(db);
    await until('it to halt', () => service.health().state === 'failed', DEADLINE);
    assert.match(service.health().detail, /replay scores --accept/);
    assert.deepEqual((await replay(scene.context())).refused, ['scores']);
    assert.deepEqual((await replay(scene.context(), { only: ['scores'], accept: true })).switched, ['scores']);
    await until('it to go on', () => service.health().state === 'running', DEADLINE);
    assert.deepEqual(await scene.digest(), before);
  });
});
