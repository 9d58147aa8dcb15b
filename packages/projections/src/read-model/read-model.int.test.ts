import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Postgres, privatePostgres } from '@crunch-node/embedded/testing';
import { ModelJoined, models } from '@crunch-node/streams';
import { sql } from 'kysely';
import {
  createReadModel,
  digestTables,
  feedSummaries,
  feedTail,
  latestLeaderboard,
  listModels,
  newestCheckpoints,
  newestPerformedAt,
  newestPredictions,
  newestSnapshots,
  openReadModel,
  type ReadModel,
} from '../index.ts';
import { fill, sampleLog } from '../testing/index.ts';
import { viewsOf } from './views.ts';

describe('the read model', () => {
  let postgres: Postgres;
  const opened: ReadModel[] = [];
  /** A filled one in a schema of its own. */
  async function readModelOf(schema: string, log = sampleLog(10), batchSize?: number): Promise<ReadModel> {
    const readModel = openReadModel({ url: postgres.url, schema });
    opened.push(readModel);
    await createReadModel(readModel.db, schema);
    await fill(readModel, log, batchSize);
    return readModel;
  }

  before(async () => {
    postgres = await privatePostgres();
  });
  after(async () => {
    await Promise.all(opened.map((readModel) => readModel.close()));
    await postgres.stop();
  });

  it('is created once, by any process and however often', async () => {
    const readModel = openReadModel({ url: postgres.url, schema: 'crunch_often' });
    opened.push(readModel);
    await Promise.all(Array.from({ length: 5 }, () => createReadModel(readModel.db, readModel.schema)));
    await createReadModel(readModel.db, readModel.schema);
    assert.deepEqual(await listModels(readModel.db), []);
    assert.deepEqual(await latestLeaderboard(readModel.db, ['model']), []);
    assert.equal(await newestPerformedAt(readModel.db), null);
  });

  it('returns what reports need', async () => {
    const { db } = await readModelOf('crunch_reports');

    const board = await latestLeaderboard(db, ['model']);
    assert.deepEqual(
      board.map(({ rank, model_id, model_name, score_metrics }) => [
        rank,
        model_id,
        model_name,
        score_metrics.score_recent,
      ]),
      [
        [1, '2', 'model-2', 1.3],
        [2, '1', 'model-1', 10 / 800],
        [3, 'unheard-of', null, null],
      ],
    );
    assert.equal((await latestLeaderboard(db, ['model', 'ensemble'])).length, 4);

    assert.deepEqual(
      (await listModels(db)).map(({ model_id, state }) => [model_id, state]),
      [
        ['1', 'running'],
        ['10', 'failed'],
        ['2', 'running'],
      ],
    );

    const [feed] = await feedSummaries(db);
    assert.deepEqual(feed, {
      source: 'binance',
      subject: 'BTCUSDT',
      kind: 'candle',
      granularity: '1m',
      record_count: 10,
      late_count: 0,
      oldest_ts: '2026-11-21T19:00:00.000000Z',
      newest_ts: '2026-11-21T19:09:00.000000Z',
      updated_at: '2026-11-21T19:10:00.250000Z',
    });
    const tail = await feedTail(db, { subject: 'BTCUSDT' }, 2);
    assert.deepEqual(
      tail.map(({ ts_event }) => ts_event),
      ['2026-11-21T19:09:00.000000Z', '2026-11-21T19:08:00.000000Z'],
    );
    assert.deepEqual(await feedTail(db, { subject: 'other' }, 2), []);

    const snapshots = await newestSnapshots(db, { limit: 3 });
    assert.deepEqual(
      snapshots.map(({ model_id, cycle_end }) => [model_id, cycle_end]),
      [
        ['2', '2026-11-21T19:08:00.000000Z'],
        ['1', '2026-11-21T19:10:00.000000Z'],
        ['2', '2026-11-21T19:10:00.000000Z'],
      ],
    );

    const checkpoints = await newestCheckpoints(db, { limit: 20 });
    assert.deepEqual(
      checkpoints.map(({ checkpoint_id, status, tx_hash, submitted_at }) => [
        checkpoint_id,
        status,
        tx_hash,
        submitted_at,
      ]),
      [
        ['CKP_second', 'PENDING', null, null],
        ['CKP_first', 'PAID', '0xabc', '2026-11-21T19:06:30.500000Z'],
      ],
    );
    assert.deepEqual(
      checkpoints[0]?.ranking.map(({ model_id, model_name }) => [model_id, model_name]),
      [
        ['2', 'model-2'],
        ['gone', null],
      ],
    );
    assert.equal((await newestCheckpoints(db, { status: 'PAID', limit: 20 })).length, 1);
    assert.deepEqual(await newestCheckpoints(db, { status: 'unheard-of', limit: 20 }), []);
  });

  it('derives the status of a prediction from its score', async () => {
    const { db } = await readModelOf('crunch_status');
    const filter = { modelIds: null, start: '2026-11-21T00:00:00.000000Z', end: '2026-11-22T00:00:00.000000Z' };
    const all = await newestPredictions(db, { ...filter, limit: 1_000, offset: 0 });
    const byModel = (id: string) => all.filter(({ model_id }) => model_id === id).map(({ status }) => status);
    // minutes 1 to 10 without the 7th; the 5th expired; the last two are not due yet
    assert.deepEqual(byModel('1'), [...Array(4).fill('SCORED'), 'FAILED', 'SCORED', 'SCORED', 'PENDING', 'PENDING']);
    assert.deepEqual(byModel('2'), [...Array(7).fill('FAILED'), 'PENDING', 'PENDING']);
    assert.deepEqual(byModel('10'), Array(9).fill('ABSENT'));
    const expired = all.find(({ status, model_id }) => model_id === '1' && status === 'FAILED');
    assert.equal(expired?.score_failed_reason, 'no feed record in the window');

    const newest = await newestPredictions(db, { ...filter, modelIds: ['1'], limit: 2, offset: 1 });
    assert.deepEqual(
      newest.map(({ performed_at }) => performed_at),
      ['2026-11-21T19:08:00.000000Z', '2026-11-21T19:09:00.000000Z'],
    );
    assert.deepEqual(await newestPredictions(db, { ...filter, modelIds: [], limit: 2, offset: 0 }), []);
    const pending = await newestPredictions(db, { ...filter, status: 'PENDING', limit: 100, offset: 0 });
    assert.equal(pending.length, 4);
  });

  it('has the views that users of SQL know from the reference', async () => {
    const { db, schema } = await readModelOf('crunch_views');
    const counts: Record<string, number> = {};
    for (const view of Object.keys(viewsOf(schema))) {
      const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.id(`views_${schema}`, view)}`.execute(
        db,
      );
      counts[view] = rows[0]!.n;
    }
    assert.deepEqual(counts, {
      inputs: 9,
      predictions: 27,
      scores: 14,
      snapshots: 14,
      leaderboards: 7,
      checkpoints: 2,
      models: 3,
      feed_records: 10,
      feed_ingestion_state: 1,
      scheduled_prediction_configs: 1,
    });
    const { rows: models } = await sql`select id, overall_score, scores_by_scope
      from views_crunch_views.models order by id limit 1`.execute(db);
    const recent = { key: 'score_recent', value: 10 / 800, direction: 'desc' };
    assert.deepEqual(models, [
      {
        id: '1',
        overall_score: { metrics: { score_recent: 10 / 800, ic: 0.1 }, ranking: recent },
        scores_by_scope: [{ scope_key: 'BTCUSDT-120', scored: 6, value: 0.005 }],
      },
    ]);
    const { rows } = await sql`select id, input_id, prediction_config_id, status, exec_time_ms, resolvable_at
      from views_crunch_views.predictions where model_id = '1' order by performed_at limit 1`.execute(db);
    assert.deepEqual(rows, [
      {
        id: 'PRE_1_BTCUSDT-120_20261121_190100.000',
        input_id: 'INP_20261121_190100.000',
        prediction_config_id: 'CFG_BTCUSDT-120',
        status: 'SCORED',
        exec_time_ms: 1.25,
        resolvable_at: '2026-11-21T19:03:00.000000Z',
      },
    ]);
  });

  it('has one digest, however the log was cut into batches', async () => {
    const one = await readModelOf('crunch_one');
    const other = await readModelOf('crunch_other', sampleLog(10), 1);
    const digests = await digestTables(one.db, one.schema, { all: true });
    assert.deepEqual(digests, await digestTables(other.db, other.schema, { all: true }));
    assert.equal(digests.find(({ table }) => table === 'predictions')?.rows, 27);
  });

  it('leaves observations out of the digest that compares runs', async () => {
    const log = sampleLog(5);
    const quiet = log.map(({ stream, event }) => ({ stream, event }));
    const one = await readModelOf('crunch_measured', log);
    const other = await readModelOf('crunch_unmeasured', quiet);
    const digest = ({ db, schema }: ReadModel, all: boolean) => digestTables(db, schema, { all });
    assert.deepEqual(await digest(one, false), await digest(other, false));
    assert.notDeepEqual(await digest(one, true), await digest(other, true));
  });

  it('keeps the first of two records with the same id, and counts it once', async () => {
    const log = sampleLog(3);
    const { db } = await readModelOf('crunch_twice', [...log, ...log], 4);
    const [feed] = await feedSummaries(db);
    assert.equal(feed?.record_count, 3);
    assert.equal(feed.late_count, 0);
  });

  it('takes names that no Postgres text can hold', async () => {
    const joined = ModelJoined.at('2026-11-21T19:00:00.123456Z', {
      partition: 0,
      model_id: 'a\0b',
      revision: 0,
      deployment_id: 'd"\\\n{},',
      model_name: '😀',
      cruncher_id: '',
      cruncher_name: '',
    });
    const { db } = await readModelOf('crunch_names', [{ stream: models, event: joined }]);
    const [model] = await listModels(db);
    assert.deepEqual([model?.model_id, model?.deployment_id, model?.model_name], ['a\uFFFDb', 'd"\\\n{},', '😀']);
    const { changed_at } = await db.selectFrom('model_states').select('changed_at').executeTakeFirstOrThrow();
    assert.equal(changed_at, '2026-11-21T19:00:00.123456Z');
  });
});
