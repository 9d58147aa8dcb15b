import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sampleLog } from '@crunch-node/projections/testing';
import { LeaderboardRanked, leaderboards } from '@crunch-node/streams';
import { openScene, type Scene } from './testing/scene.ts';

/** A metric with the name of a fixed field, which must not win. */
const impostor = LeaderboardRanked.at('2026-11-21T20:00:00.605149Z', {
  leaderboard_id: 'LBR_x',
  cycle_end: '2026-11-21T20:00:00.605149Z',
  entries: [
    {
      rank: 1,
      model_id: '2',
      score: {
        metrics: { score_recent: 1.3, ic: null, rank: 7, model_id: 8, created_at: 9 },
        ranking: { key: 'score_recent', value: 1.3, direction: 'desc' },
      },
    },
  ],
  ensembles: [],
});

describe('the report API', () => {
  let scene: Scene;
  before(async () => {
    scene = await openScene([...sampleLog(10), { stream: leaderboards, event: impostor }], {
      now: '2026-11-21T19:09:00.000000Z',
    });
  });
  after(() => scene?.close());
  const get = (url: string) => scene.get(url);

  it('shows its health and its competition', async () => {
    assert.deepEqual(await get('/healthz'), { status: 'ok', version: '0.1.0' });
    const { projections, ...ready } = await get('/readyz');
    assert.deepEqual(ready, {
      status: 'ready',
      version: '0.1.0',
      log: 'none',
      feeds: { count: 1, newest_ts: '2026-11-21T19:09:00Z', stalest_ts: '2026-11-21T19:09:00Z' },
    });
    assert.ok(Array.isArray(projections));
    assert.deepEqual(await get('/info'), { crunch_id: 'starter-challenge', crunch_address: '', network: 'devnet' });
  });

  it('ranks models, with metrics at the top that replace no field', async () => {
    assert.deepEqual(await get('/reports/leaderboard'), [
      {
        created_at: '2026-11-21T20:00:00.605149Z',
        model_id: '2',
        score_metrics: { score_recent: 1.3, ic: null, rank: 7, model_id: 8, created_at: 9 },
        score_ranking: { key: 'score_recent', value: 1.3, direction: 'desc' },
        score_recent: 1.3,
        ic: null,
        rank: 1,
        model_name: 'model-2',
        cruncher_name: 'Player 2',
        username: 'Player 2',
        status: 'active',
      },
    ]);
    for (const yes of ['true', '1', 'YES', 'on', 'T', 'y'])
      assert.equal((await get(`/reports/leaderboard?include_ensembles=${yes}`)).length, 1);
  });

  it('lists models by id, with whether they are connected', async () => {
    const models = await get('/reports/models');
    assert.deepEqual(models[0], {
      model_id: '1',
      model_name: 'model-1',
      cruncher_name: 'Player 1',
      cruncher_id: 'p1',
      deployment_id: 'dep1',
      is_ensemble: false,
      status: 'active',
    });
    assert.deepEqual(
      models.map((model: { model_id: string; status: string }) => [model.model_id, model.status]),
      [
        ['1', 'active'],
        ['10', 'inactive'],
        ['2', 'active'],
      ],
    );
  });

  it('shows predictions with their scores and what charts filter by', async () => {
    const all = await get('/reports/predictions');
    assert.equal(all.length, 24); // up to "now": the last round is after it
    assert.deepEqual(all[0], {
      id: 'PRE_1_BTCUSDT-120_20261121_190100.000',
      model_id: '1',
      prediction_config_id: 'CFG_BTCUSDT-120',
      scope_key: 'BTCUSDT-120',
      scope: { subject: 'BTCUSDT', step_seconds: 15, resolve_horizon_seconds: 120 },
      status: 'SCORED',
      score_value: 1 / 800,
      score_failed: false,
      score_failed_reason: null,
      scored_at: '2026-11-21T19:03:00',
      performed_at: '2026-11-21T19:01:00',
      resolvable_at: '2026-11-21T19:03:00',
      exec_time_ms: 1.25,
      subject: 'BTCUSDT',
      asset: 'BTCUSDT',
      horizon: 120,
      step: 15,
      param: 'BTCUSDT-120-15',
    });
    const [pending] = await get('/reports/predictions?status=PENDING&limit=1');
    assert.deepEqual(
      [pending.score_failed, pending.score_failed_reason, pending.scored_at],
      [false, 'not scored yet', null],
    );
    const [absent] = await get('/reports/predictions?status=ABSENT&limit=1');
    assert.deepEqual([absent.exec_time_ms, absent.score_failed_reason], [null, 'not connected']);
  });

  it('reads model ids repeated, separated by commas, or blank', async () => {
    const count = async (query: string) => (await get(`/reports/predictions?${query}`)).length;
    assert.equal(await count('projectIds=1&projectIds=2'), 16);
    assert.equal(await count('projectIds=1,%202'), 16);
    assert.equal(await count('projectIds=nobody'), 0);
    assert.equal(await count('projectIds=,%20'), 0);
    assert.equal(await count('start=2026-11-21T19:05:00Z&end=2026-11-21T19:06:00%2B00:00'), 6);
    assert.equal(await count('start=1795287900&end=1795287960'), 6);
    assert.equal(await count('limit=2&offset=1'), 2);
  });

  it('sums up feeds and shows their tail', async () => {
    assert.deepEqual(await get('/reports/feeds'), [
      {
        source: 'binance',
        subject: 'BTCUSDT',
        kind: 'candle',
        granularity: '1m',
        record_count: 10,
        late_count: 0,
        oldest_ts: '2026-11-21T19:00:00+00:00',
        newest_ts: '2026-11-21T19:09:00+00:00',
        watermark_ts: '2026-11-21T19:09:00+00:00',
        watermark_updated_at: '2026-11-21T19:10:00.250000+00:00',
      },
    ]);
    assert.deepEqual(await get('/reports/feeds/tail?subject=BTCUSDT&source=&limit=1'), [
      {
        source: 'binance',
        subject: 'BTCUSDT',
        kind: 'candle',
        granularity: '1m',
        ts_event: '2026-11-21T19:09:00Z',
        ts_ingested: '2026-11-21T19:10:00.250000Z',
        values: { open: 110, high: 112, low: 109, close: 111.5, volume: 3 },
        meta: {},
      },
    ]);
  });

  it('shows the newest snapshots in the order they were taken', async () => {
    const snapshots = await get('/reports/snapshots?limit=2&projectIds=ignored');
    assert.deepEqual(snapshots[1], {
      id: 'SNAP_2_20261121_191000',
      model_id: '2',
      period_start: '2026-11-21T19:08:00',
      period_end: '2026-11-21T19:08:00',
      prediction_count: 1,
      failed_count: 0,
      result_summary: { value: 10 / 800, success: 1 },
      content_hash: '210'.padEnd(64, '0'),
      canonical:
        '{"model_id":"2","period_end":"2026-11-21T19:08:00+00:00","period_start":"2026-11-21T19:08:00+00:00",' +
        '"prediction_count":1,"result_summary":{"success":1.0,"value":0.0125}}',
      created_at: '2026-11-21T19:10:00',
    });
    assert.equal((await get('/reports/snapshots?model_id=1&until=2026-11-21T19:05:00Z')).length, 3);
  });

  it('lists checkpoints with their names, steps and evidence', async () => {
    const [second, first] = await get('/reports/checkpoints');
    assert.equal(second.status, 'PENDING');
    assert.deepEqual(first, {
      id: 'CKP_first',
      period_start: '2026-11-21T19:00:00Z',
      period_end: '2026-11-21T19:05:00Z',
      status: 'PAID',
      entries: [
        {
          crunch: 'crunch-1',
          cruncher_rewards: [{ cruncher_index: 0, model_id: '2', reward_pct: 1_000_000_000 }],
          compute_provider_rewards: [{ provider: 'compute', reward_pct: 1_000_000_000 }],
          data_provider_rewards: [],
        },
      ],
      meta: {
        snapshot_count: 5, // 4 and 1: of the models that are ranked
        model_count: 2,
        ranking: [
          {
            model_id: '2',
            model_name: 'model-2',
            cruncher_name: 'Player 2',
            prediction_count: 4,
            snapshot_count: 4,
            result_summary: { value: 0.5 },
            rank: 1,
          },
          {
            model_id: 'gone',
            model_name: null,
            cruncher_name: null,
            prediction_count: 1,
            snapshot_count: 1,
            result_summary: { value: 0.25 },
            rank: 2,
          },
        ],
      },
      created_at: '2026-11-21T19:05:00Z',
      tx_hash: '0xabc',
      submitted_at: '2026-11-21T19:06:30.500000Z',
      merkle_root: 'c'.repeat(64),
    });
    assert.equal((await get('/reports/checkpoints/latest')).id, 'CKP_second');
  });

  it('describes itself to the UI and to OpenAPI', async () => {
    const schema = await get('/reports/schema');
    assert.deepEqual(schema.leaderboard_columns, await get('/reports/schema/leaderboard-columns'));
    assert.deepEqual(schema.metrics_widgets, await get('/reports/schema/metrics-widgets'));
    const { paths } = await get('/openapi.json');
    for (const path of [
      '/healthz',
      '/info',
      '/reports/leaderboard',
      '/reports/predictions',
      '/reports/checkpoints/latest',
    ])
      assert.ok(path in paths, path);
    const docs = await scene.app.inject('/docs');
    assert.equal(docs.statusCode, 200);
    assert.match(docs.body, /swagger/i);
  });
});
