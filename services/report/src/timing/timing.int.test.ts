import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sampleLog } from '@crunch-node/projections/testing';
import { reportConfig } from '../testing/report-config.ts';
import { openScene, type Scene } from '../testing/scene.ts';

const now = '2026-11-21T19:11:00.000000Z';

describe('timing over HTTP', () => {
  const opened: Scene[] = [];
  before(async () => {
    const hidden = { ...reportConfig, performance: { timing_endpoint_enabled: false } };
    opened.push(await openScene(sampleLog(10), { now }), await openScene([], { now }));
    opened.push(await openScene(sampleLog(1), { config: hidden, now }));
  });
  after(() => Promise.all(opened.map((scene) => scene.close())));

  it('shows how long each stage took, newest predictions first', async () => {
    const timing = await opened[0]!.get('/timing-metrics');
    assert.deepEqual([timing.enabled, timing.buffer_size, timing.total_records], [true, 27, 27]);
    assert.equal(timing.stage_latencies.length, 10);
    const models = timing.stage_latencies[5];
    assert.deepEqual(
      [models.name, models.step, models.count, models.mean_us, models.pct_of_total],
      ['model_execution', 6, 27, 20, null],
    );
    assert.equal(timing.recent_samples.length, 10);
    assert.deepEqual(timing.recent_samples[0], {
      prediction_id: 'PRE_2_BTCUSDT-120_20261121_191000.000',
      models_dispatched_us: 10,
      models_completed_us: 30,
      callback_started_us: 30,
      callback_completed_us: 30,
    });
    for (const few of ['0', '-5', '1'])
      assert.equal((await opened[0]!.get(`/timing-metrics?limit=${few}`)).buffer_size, 1);
    assert.equal((await opened[0]!.refused('/timing-metrics?limit=10001'))[0], 422);
  });

  it('is empty before the first prediction', async () => {
    const timing = await opened[1]!.get('/timing-metrics');
    assert.deepEqual(timing, {
      enabled: true,
      buffer_size: 0,
      total_records: 0,
      stage_latencies: [],
      recent_samples: [],
    });
  });

  it('is 404 when the configuration disables it', async () => {
    assert.equal((await opened[2]!.refused('/timing-metrics'))[0], 404);
  });
});
