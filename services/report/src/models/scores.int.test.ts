import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Sample, sampleLog } from '@crunch-node/projections/testing';
import { addSeconds, SnapshotTaken, snapshots } from '@crunch-node/streams';
import { openScene, type Scene } from '../testing/scene.ts';

const start = '2026-11-21T19:00:00.000000Z';

/** An ensemble's snapshot, and one with every metric that shows how a model differs. */
const taken = (
  model_id: string,
  minute: number,
  result_summary: Record<string, number | string | boolean>,
): Sample => ({
  stream: snapshots,
  event: SnapshotTaken.at(addSeconds(start, 60 * minute), {
    snapshot_id: `SNAP_${model_id}_${minute}`,
    model_id,
    cycle_end: addSeconds(start, 60 * minute),
    period_start: addSeconds(start, 60 * minute - 120),
    period_end: addSeconds(start, 60 * minute - 60.5),
    prediction_count: 2,
    failed_count: 0,
    result_summary,
    unavailable: {},
    content_hash: 'd'.repeat(64),
  }),
});

describe('model scores over HTTP', () => {
  let scene: Scene;
  before(async () => {
    const log = [
      ...sampleLog(10),
      taken('1', 11, { value: 0.5, ic: 0.1, model_correlation: 0.25, contribution: 0.02, note: 'text', yes: true }),
      taken('2', 11, { value: 0.25, model_correlation: -0.95, ensemble_correlation: 0.91, contribution: -0.5 }),
      taken('__ensemble_main__', 11, { value: 0.75, model_correlation: 0.1 }),
    ];
    scene = await openScene(log, { now: '2026-11-21T19:11:00.000000Z' });
  });
  after(() => scene?.close());

  const idsAndTimes = (rows: { model_id: string; performed_at: string }[]) =>
    rows.map(({ model_id, performed_at }) => `${model_id} ${performed_at.slice(14)}`);

  it('draw a line: a row per snapshot, with the windows as the leaderboard had them', async () => {
    const rows = await scene.get('/reports/models/global');
    assert.equal(rows.length, 16);
    assert.deepEqual(rows[0], {
      model_id: '1',
      score_metrics: { value: 3 / 800, success: 1, score_recent: 3 / 800, ic: 0.1 },
      score_ranking: { key: 'score_recent', value: 3 / 800, direction: 'desc' },
      value: 3 / 800,
      success: 1,
      score_recent: 3 / 800,
      ic: 0.1,
      performed_at: '2026-11-21T19:01:00',
    });
    assert.deepEqual(idsAndTimes(rows.slice(-2)), ['1 09:59.500000', '2 09:59.500000']);
    assert.equal(rows.at(-2).yes, true);
    assert.equal(rows.at(-2).note, undefined);
    assert.equal((await scene.get('/reports/models/global?include_ensembles=true')).length, 17);
    assert.deepEqual(await scene.get('/reports/models/global?projectIds=,'), []);
    assert.deepEqual(await scene.get('/reports/models/global?projectIds=nobody'), []);
  });

  it('leave rows out evenly where there are too many, never the newest', async () => {
    const rows = await scene.get('/reports/models/global?limit=6');
    assert.ok(rows.length <= 6 && rows.length >= 4, `${rows.length}`);
    assert.deepEqual(idsAndTimes(rows.slice(-2)), ['1 09:59.500000', '2 09:59.500000']);
  });

  it('answer a whole span thinned to fixed stretches, within its limit, and report that', async () => {
    const ask = async (url: string) => {
      const { statusCode, headers, body } = await scene.app.inject({ url });
      assert.equal(statusCode, 200, `${url}: ${body}`);
      return { thinned: headers['x-crunch-thinned'], rows: JSON.parse(body) as Record<string, string>[] };
    };
    const paths = ['models/global', 'models/metrics', 'models/metrics/overview', 'models/params', 'predictions'];
    for (const path of paths) {
      const url = `/reports/${path}?end=2026-11-21T19:11:00Z`;
      const whole = await ask(`${url}&limit=50000`);
      if (path !== 'models/params') assert.equal(whole.thinned, undefined, path);
      for (const limit of [1, 2, 3, 5]) assert.ok((await ask(`${url}&limit=${limit}`)).rows.length <= limit, path);
      const few = await ask(`${url}&points=3`);
      assert.ok(few.rows.length > 0 && few.rows.length < whole.rows.length, path);
      assert.equal(few.thinned, '300', path);
      assert.ok(
        few.rows.every((row) => whole.rows.some((one) => one.performed_at === row.performed_at)),
        path,
      );
      assert.equal(few.rows.at(-1)?.performed_at, whole.rows.at(-1)?.performed_at, path);
      const again = await ask(`${url}&points=3`);
      assert.deepEqual(again, few, `${path}: also when it was kept`);
    }
    const ofEach = await ask('/reports/predictions?end=2026-11-21T19:11:00Z&points=1');
    const series = ofEach.rows.map(({ model_id, scope_key }) => `${model_id} ${scope_key}`);
    assert.equal(new Set(series).size, series.length);
    const pending = await ask('/reports/predictions?end=2026-11-21T19:11:00Z&points=1&status=pending');
    assert.ok(pending.rows.every(({ status }) => status === 'PENDING'));
    const now = await ask('/reports/models/global?points=4&start=2026-11-21T19:00:00Z&end=2026-11-21T19:10:00Z');
    const later = await ask('/reports/models/global?points=4&start=2026-11-21T19:00:30Z&end=2026-11-21T19:10:30Z');
    const missing = now.rows.filter(({ performed_at }) => !later.rows.some((row) => row.performed_at === performed_at));
    assert.deepEqual(missing, [], 'what was shown before is shown again');
  });

  it('list each model in each scope', async () => {
    const rows = await scene.get('/reports/models/params');
    assert.deepEqual(idsAndTimes(rows), ['1 01:00', '1 02:00', '1 03:00', '1 04:00', '1 06:00', '1 08:00']);
    const mean = [1, 2, 3, 4, 6, 8].reduce((sum, minute) => sum + minute / 800, 0) / 6;
    const { score_recent, ...last } = rows.at(-1);
    assert.ok(Math.abs(score_recent - mean) < 1e-15);
    assert.deepEqual(last, {
      model_id: '1',
      score_metrics: { score_recent },
      score_ranking: { key: 'score_recent', value: score_recent, direction: 'desc' },
      performed_at: '2026-11-21T19:08:00',
      scope_key: 'BTCUSDT-120',
      scope: { subject: 'BTCUSDT', step_seconds: 15, resolve_horizon_seconds: 120 },
      subject: 'BTCUSDT',
      asset: 'BTCUSDT',
      horizon: 120,
      step: 15,
      param: 'BTCUSDT-120-15',
    });
    assert.equal((await scene.get('/reports/models/params?limit=1')).length, 1);
    assert.deepEqual(idsAndTimes(await scene.get('/reports/models/params?as_of=2026-11-21T19:05:00Z')), [
      '1 01:00',
      '1 02:00',
      '1 03:00',
    ]);
    assert.deepEqual(await scene.get('/reports/models/params?start=2026-11-21T19:09:00Z'), []);
  });

  it('show metrics with windows at each snapshot', async () => {
    const rows = await scene.get('/reports/models/metrics?projectIds=1');
    assert.deepEqual(rows[0], {
      model_id: '1',
      performed_at: '2026-11-21T19:03:00',
      prediction_count: 1,
      score_recent: 3 / 800,
      value: 3 / 800,
      success: 1,
    });
    assert.equal(rows.at(-1).ic, 0.1);
  });

  it('sum up the newest snapshot of each model, in the requested order', async () => {
    const ids = (rows: { model_id: string }[]) => rows.map(({ model_id }) => model_id);
    assert.deepEqual(ids(await scene.get('/reports/models/summary')), ['1', '2']);
    assert.deepEqual(ids(await scene.get('/reports/models/summary?projectIds=2,nobody,1,2')), ['2', '1']);
    assert.deepEqual(await scene.get('/reports/models/summary?projectIds=2&as_of=2026-11-21T19:10:30Z'), [
      { model_id: '2', value: 10 / 800, success: 1 },
    ]);
    assert.deepEqual(await scene.get('/reports/models/summary?end=2026-11-21T19:02:00Z'), []);
  });

  it('rank as of a moment', async () => {
    const board = await scene.get('/reports/leaderboard?as_of=2026-11-21T19:04:30Z');
    assert.equal(board[0].created_at, '2026-11-21T19:04:00Z');
    assert.equal(board[1].score_recent, 4 / 800);
    assert.deepEqual(await scene.get('/reports/leaderboard?as_of=2026-11-21T19:00:00Z'), []);
    assert.equal((await scene.refused('/reports/leaderboard?as_of=then'))[0], 422);
  });

  it('show how a model differs, from its newest snapshot', async () => {
    const { guidance, ...feedback } = await scene.get('/reports/models/1/diversity');
    assert.deepEqual(feedback, {
      model_id: '1',
      rank: 2,
      diversity_score: 0.75,
      metrics: { ic: 0.1, model_correlation: 0.25, ensemble_correlation: null, contribution: 0.02, fnc: null },
      guidance_codes: ['POSITIVE_CONTRIBUTION', 'UNIQUE_ALPHA'],
      snapshot_period_end: '2026-11-21T19:09:59.500000Z',
    });
    assert.equal(guidance.length, 2);
    const before = await scene.get('/reports/models/1/diversity?as_of=2026-11-21T19:10:00Z');
    assert.deepEqual([before.diversity_score, before.guidance_codes], [null, ['INSUFFICIENT_DATA']]);
    assert.equal((await scene.refused('/reports/models/nobody/diversity'))[0], 404);
  });

  it('list the models that differ most', async () => {
    assert.deepEqual(await scene.get('/reports/diversity?projectIds=ignored&start=1&end=2'), [
      {
        model_id: '1',
        period_end: '2026-11-21T19:09:59.500000Z',
        model_correlation: 0.25,
        ensemble_correlation: null,
        contribution: 0.02,
        fnc: null,
        diversity_score: 0.75,
        ic: 0.1,
      },
      {
        model_id: '2',
        period_end: '2026-11-21T19:09:59.500000Z',
        model_correlation: -0.95,
        ensemble_correlation: 0.91,
        contribution: -0.5,
        fnc: null,
        diversity_score: 0.05,
        ic: null,
      },
    ]);
    assert.equal((await scene.get('/reports/diversity?limit=1')).length, 1);
    assert.equal((await scene.refused('/reports/diversity?limit=201'))[0], 422);
  });
});
