import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleModels } from '@crunch-node/challenge';
import { connectModels, encodeCall } from '@crunch-node/models';
import { type OrchestratorOptions, startOrchestrator } from './index.ts';

const crunchId = 'starter';
const limits = { deadlineMs: 20_000, patient: true };
const close = 42_000;
const candle = { ts: 1_704_067_200, open: close, high: close, low: close, close, volume: 1 };
const feedUpdate = encodeCall('feed_update', [
  { type: 'JSON', value: { symbol: 'BTCUSDT', asof_ts: candle.ts, candles_1m: [candle] } },
]);
const predict = encodeCall('predict', [
  { type: 'STRING', value: 'BTCUSDT' },
  { type: 'INT', value: 60 },
  { type: 'INT', value: 15 },
]);

describe('the local orchestrator', () => {
  async function open(t: { after(end: () => Promise<void>): void }, options: Partial<OrchestratorOptions> = {}) {
    const orchestrator = await startOrchestrator({ crunchId, ...options });
    const pool = connectModels({
      orchestratorUrl: orchestrator.url,
      crunchId,
      baseClassname: 'cruncher.ModelBaseClass',
    });
    t.after(async () => {
      await pool.close();
      await orchestrator.stop();
    });
    await pool.settled(orchestrator.modelIds, AbortSignal.timeout(20_000));
    return { orchestrator, pool };
  }

  it('serves the example models over the protocol', async (t) => {
    const { orchestrator, pool } = await open(t);
    assert.deepEqual(
      orchestrator.modelIds,
      exampleModels.map(({ model_id }) => model_id),
    );
    assert.deepEqual(
      pool
        .running()
        .map(({ model_name, deployment_id }) => `${model_name} ${deployment_id}`)
        .sort(),
      exampleModels.map(({ model_name, model_id }) => `${model_name} ${model_id}_local`).sort(),
    );
    for (const id of orchestrator.modelIds) assert.equal((await pool.call(id, feedUpdate, limits)).status, 'SUCCESS');
    const answer = await pool.call('1', predict, limits);
    assert.deepEqual([answer.status, answer.result], ['SUCCESS', { value: 0 }]);
  });

  it('adds, replaces and removes models while it runs', async (t) => {
    const [first, second] = exampleModels;
    assert.ok(first && second);
    const { orchestrator, pool } = await open(t, { models: [first] });
    await orchestrator.add(second);
    await pool.settled([second.model_id], AbortSignal.timeout(20_000));
    const seen: string[] = [];
    const changed = new Promise<void>((resolve) => {
      pool.watch(({ kind, model }) => {
        seen.push(`${kind} ${model.deployment_id}`);
        if (kind === 'stopped') resolve();
      });
    });
    await orchestrator.add({ ...first, model_name: 'second try' });
    await pool.settled([first.model_id], AbortSignal.timeout(20_000));
    orchestrator.remove(second.model_id);
    await changed;
    assert.ok(seen.includes('stopped 2_local'));
    assert.deepEqual(
      orchestrator.host.running().map(({ deployment_id }) => deployment_id),
      ['1_local_2'],
    );
  });
});
