import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '@crunch-node/embedded/testing';
import type { Projection, TableDigest } from '@crunch-node/projections';
import { type Sample, sampleLog } from '@crunch-node/projections/testing';
import { projectionsNamed, rebuild, replay, rollBack } from '@crunch-node/projector';
import { FeedRecorded, feeds, ModelJoined, models } from '@crunch-node/streams';
import { sql } from 'kysely';
import { append } from '../testing/append.ts';
import { later, openSceneForEach, type Scene } from '../testing/replay-scene.ts';

const DEADLINE = { deadlineMs: 60_000 };
const names = projectionsNamed(undefined).map(({ name }) => name);

describe('a replay', () => {
  let scene: Scene;
  openSceneForEach((opened) => {
    scene = opened;
  });

  /** The fields of reports for every projection besides rows. */
  const standings = () =>
    Promise.all(
      names.map(async (name) => {
        const { sequence, event_at } = (await scene.positionOf(name)) ?? {};
        return { name, sequence, event_at };
      }),
    );

  it('builds the rows, and the live projections continue in them', async () => {
    const service = scene.start();
    for (const minutes of [20, 60]) await append(scene.log, sampleLog(minutes)); // the second one repeats much of it
    await service.caughtUp();
    const before = await scene.digest();
    const stood = await standings();
    const result = await replay(scene.context());
    assert.deepEqual(await standings(), stood);
    assert.deepEqual(result.failed, []);
    assert.deepEqual(result.refused, []);
    assert.deepEqual(result.switched, names);
    const incomparable = result.compared.filter(({ incomparable }) => incomparable !== '');
    assert.ok(incomparable.length < 4);
    assert.ok(incomparable.every(({ incomparable }) => incomparable === 'nothing is there yet')); // nor in the log
    assert.deepEqual(await scene.digest(), before);
    await append(scene.log, sampleLog(30, later(60)));
    await service.caughtUp();
    const after = await scene.digest();
    assert.notDeepEqual(after, before);
    assert.equal(service.health().state, 'running');
    await replay(scene.context());
    assert.deepEqual(await scene.digest(), after);
  });

  /** Difficult rows: repeated many times, with other contents, with invalid characters. */
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

  it('keeps the same rows of repeated events as upserts do, whatever the characters', async () => {
    const service = scene.start();
    const repeated = troublesome();
    // The server deduplicates ids for two minutes only; afterwards every event can be repeated.
    const again = repeated.map((sample, n) => ({
      ...sample,
      event: { ...sample.event, id: `${sample.event.id}:${n}` },
    }));
    await append(scene.log, [...again, ...sampleLog(10)]);
    await service.caughtUp();
    const before = await scene.digest();
    const { compared, refused, failed } = await replay(scene.context(), { only: ['feeds', 'models'] });
    assert.deepEqual([refused, failed], [[], []]);
    assert.ok(compared.every(({ tables }) => tables.every(({ rows }) => rows[0] > 0)));
    assert.deepEqual(await scene.digest(), before);
  });

  it('is built in several transactions, over a Postgres that goes away in one of them', async () => {
    const service = scene.start();
    const records = [...Array(9_000).keys()].map((n): Sample => {
      const ts_event = n % 4_000; // so most are repeated, with other contents, in another transaction
      const data = { source: 's', subject: 'A', kind: 'tick', granularity: '1s', ts_event, values: { n } };
      return { stream: feeds, event: { ...FeedRecorded.at(later(0), data), id: `feed:${n}` } };
    });
    await append(scene.log, records);
    await service.caughtUp();
    const before = await scene.digest();
    let copied = 0;
    const onPoint = (point: string): void => {
      if (point === 'copied a batch' && ++copied === 2) {
        throw Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' });
      }
    };
    const { refused, failed } = await replay(scene.context({ onPoint }), { only: ['feeds'] });
    assert.deepEqual([refused, failed], [[], []]);
    assert.ok(copied > 2);
    assert.deepEqual(await scene.digest(), before);
  });

  it('is built while events come all the time, and loses none of them', async () => {
    const service = scene.start();
    await append(scene.log, sampleLog(50));
    await service.caughtUp();
    let minute = 50;
    let over = false;
    const speaking = (async () => {
      while (!over) {
        await append(scene.log, sampleLog(5, later(minute)));
        minute += 5;
        await service.caughtUp();
      }
    })();
    for (let round = 0; round < 3; round++) {
      const { switched, refused, failed } = await replay(scene.context());
      assert.deepEqual([switched, refused, failed], [names, [], []]);
    }
    over = true;
    await speaking;
    await service.caughtUp();
    const live = await scene.digest();
    await service.stop();
    await rebuild(scene.readModel);
    await scene.start().caughtUp();
    assert.deepEqual(await scene.digest(), live);
  });

  const scoresAt = (version: number): Projection => {
    const [scores] = projectionsNamed(['scores']);
    return { ...(scores as Projection), version };
  };
  it('brings another version, and goes back to the one before', async () => {
    const service = scene.start();
    await append(scene.log, sampleLog(20));
    await service.caughtUp();
    const before = await scene.digest();
    const result = await replay(scene.context(), { projections: [scoresAt(99)] });
    assert.deepEqual(result.switched, ['scores']);
    assert.match(result.compared[0]?.incomparable ?? '', /^version \d+ became 99$/);
    assert.equal((await scene.positionOf('scores'))?.version, 99);
    const scores = () => service.projections().find(({ name }) => name === 'scores');
    const wanted = /run the newer release, or go back with `crunch-node replay --rollback scores`/;
    await until('the older release to wait', () => wanted.test(scores()?.detail ?? ''), DEADLINE);
    assert.equal(scores()?.state, 'waiting');

    await append(scene.log, sampleLog(20, later(20)));
    assert.deepEqual(await rollBack(scene.context(), { only: ['scores'] }), ['scores']);
    await service.caughtUp(); // the old one catches up by itself
    assert.equal(service.health().state, 'running');
    const after = await scene.digest();
    assert.notDeepEqual(after, before);
    const rows = (digests: readonly TableDigest[]) => digests.find(({ table }) => table === 'scores')?.rows ?? 0;
    assert.ok(rows(after) > rows(before));
    assert.deepEqual(await scene.slots(), ['scores current ready', 'scores previous ready']);
  });

  it('refuses rows that should be equal and are not, names them, and switches with the option', async () => {
    const service = scene.start();
    await append(scene.log, sampleLog(20));
    await service.caughtUp();
    const right = await scene.digest();
    const { db, schema } = scene.readModel;
    await sql`update ${sql.id(schema, 'leaderboard_entries')} set rank = 7
      where model_id = '2' and cycle_end = (select max(cycle_end) from ${sql.id(schema, 'leaderboards')})`.execute(db);
    await sql`delete from ${sql.id(schema, 'leaderboards')}
      where cycle_end = (select min(cycle_end) from ${sql.id(schema, 'leaderboards')})`.execute(db);
    const wrong = await scene.digest();

    const refused = await replay(scene.context());
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
    assert.deepEqual(await scene.digest(), wrong);

    const accepted = await replay(scene.context(), { only: ['leaderboards'], accept: true });
    assert.deepEqual(accepted.switched, ['leaderboards']);
    assert.deepEqual(await scene.digest(), right);
  });

  it('leaves out a projection that cannot apply an event, and gives the others theirs', async () => {
    const service = scene.start();
    await append(scene.log, sampleLog(20));
    await service.caughtUp();
    const before = await scene.digest();
    const [scores, snapshots] = projectionsNamed(['scores', 'snapshots']) as [Projection, Projection];
    const broken: Projection = {
      ...scores,
      apply(batch, closings) {
        if (batch.some(({ sequence }) => sequence === 7)) throw new Error('not that one');
        return scores.apply(batch, closings);
      },
    };
    const result = await replay(scene.context(), { projections: [broken, snapshots], fingerprint: 'broken' });
    assert.deepEqual(result.switched, ['snapshots']);
    assert.match(
      result.failed[0]?.error.message ?? '',
      /projection scores cannot apply .* at sequence 7: not that one/,
    );
    assert.deepEqual(await scene.digest(), before);
    assert.ok((await scene.slots()).includes('scores next copying'));
    // Repaired code does not continue a generation that other code has built.
    assert.deepEqual((await replay(scene.context(), { only: ['scores'] })).switched, ['scores']);
    assert.deepEqual(await scene.digest(), before);
  });
});
