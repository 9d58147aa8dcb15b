import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CheckpointCreated, checkpoints, type Emission } from '@crunch-node/streams';
import { openScene, type Scene } from '../testing/scene.ts';

const models = ['1', '2', '__ensemble_main__', '3'];
const emission: Emission = {
  crunch: 'crunch-1',
  cruncher_rewards: [
    { cruncher_index: 0, model_id: '1', reward_pct: 333_333_334 },
    { cruncher_index: 1, model_id: '2', reward_pct: 333_333_333 },
    { cruncher_index: 3, model_id: '3', reward_pct: 333_333_333 },
  ],
  compute_provider_rewards: [{ provider: 'compute', reward_pct: 1_000_000_000 }],
  data_provider_rewards: [],
};
const period = { period_start: '2026-11-21T19:00:00.000000Z', period_end: '2026-11-21T19:07:17.605149Z' };
const created = (checkpoint_id: string, at: Pick<typeof period, 'period_start' | 'period_end'>) => ({
  stream: checkpoints,
  event: CheckpointCreated.at(at.period_end, {
    checkpoint_id,
    ...at,
    emission,
    snapshot_count: 4,
    ranking: models.map((model_id, i) => ({
      model_id,
      prediction_count: 5 - i,
      snapshot_count: 1,
      result_summary: { value: 1 / (i + 1), rank: 99, note: 'text' },
      rank: i + 1,
    })),
    merkle_root: 'c'.repeat(64),
  }),
});

describe('a checkpoint in the forms other tools take', () => {
  let scene: Scene;
  before(async () => {
    const later = { period_start: period.period_end, period_end: '2026-11-21T20:00:00.000000Z' };
    const log = [created('CKP_1', period), created('CKP_2', later)];
    scene = await openScene(log, { now: '2026-11-21T20:00:00.000000Z' });
  });
  after(() => scene?.close());

  it('has the rewards of the requested span', async () => {
    const ids = async (query: string) => {
      const response = await scene.app.inject({ url: `/reports/checkpoints/rewards?${query}` });
      assert.equal(response.statusCode, 200, response.body);
      const rows = response.json() as { checkpoint_id: string }[];
      return [[...new Set(rows.map((row) => row.checkpoint_id))].join(), response.headers['x-crunch-thinned']];
    };
    assert.deepEqual(await ids('projectIds=1'), ['CKP_1,CKP_2', undefined]);
    assert.deepEqual(await ids('start=2026-11-21T19:30:00Z'), ['CKP_2', undefined]);
    assert.deepEqual(await ids('end=2026-11-21T19:30:00Z'), ['CKP_1', undefined]);
    assert.deepEqual(await ids('end=2026-11-21T19:00:00Z'), ['', undefined]);
    assert.deepEqual(await ids('limit=1&end=2026-11-21T19:30:00Z'), ['CKP_1', undefined]);
    assert.deepEqual(await ids('start=2026-11-21&end=2026-11-22&points=1'), ['CKP_2', '86400']);
  });

  it('has the form that is submitted', async () => {
    assert.deepEqual(await scene.get('/reports/checkpoints/CKP_1/payload'), {
      checkpoint_id: 'CKP_1',
      period_start: '2026-11-21T19:00:00+00:00',
      period_end: '2026-11-21T19:07:17.605149+00:00',
      entries: [emission],
      merkle_root: 'c'.repeat(64),
    });
    assert.deepEqual(await scene.get('/reports/checkpoints/CKP_1/emission'), emission);
  });

  it('has a form in percent', async () => {
    assert.deepEqual(await scene.get('/reports/checkpoints/CKP_1/emission/cli-format'), {
      crunch: 'crunch-1',
      crunchEmission: { '1': 33.333333, '2': 33.333333, '3': 33.333333 },
      computeProvider: { compute: 100 },
      dataProvider: {},
    });
  });

  it('has a form in integer prizes that add up, however large the total', async () => {
    const prizes = await scene.get('/reports/checkpoints/CKP_1/prizes?total_prize=100');
    assert.deepEqual(prizes[0], { prizeId: 'CKP_1-1', timestamp: 1795288037, model: '1', prize: 34 });
    for (const total of [0, 1, 2, 10, 999_999_999_999_999, Number.MAX_SAFE_INTEGER]) {
      const shared = await scene.get(`/reports/checkpoints/CKP_1/prizes?total_prize=${total}`);
      const sum = shared.reduce((so: bigint, { prize }: { prize: number }) => so + BigInt(prize), 0n);
      assert.equal(sum, BigInt(total));
    }
    assert.equal((await scene.get('/reports/checkpoints/CKP_1/prizes')).length, 3);
    assert.equal((await scene.refused('/reports/checkpoints/CKP_1/prizes?total_prize=-1'))[0], 422);
    assert.equal((await scene.refused('/reports/checkpoints/CKP_1/prizes?total_prize=1.5'))[0], 422);
  });

  it('is the newest one under the name latest', async () => {
    const latest = await scene.get('/reports/checkpoints/latest/prizes?total_prize=9');
    assert.deepEqual(
      { ...latest, prizes: latest.prizes.map(({ prize }: { prize: number }) => prize) },
      {
        checkpoint_id: 'CKP_2',
        status: 'PENDING',
        period_start: '2026-11-21T19:07:17.605149+00:00',
        period_end: '2026-11-21T20:00:00+00:00',
        total_prize: 9,
        prizes: [3, 3, 3],
      },
    );
    assert.deepEqual(await scene.get('/reports/emissions/latest'), {
      checkpoint_id: 'CKP_2',
      status: 'PENDING',
      period_start: '2026-11-21T19:07:17.605149Z',
      period_end: '2026-11-21T20:00:00Z',
      emission,
    });
  });

  it('has rewards of models, without ensembles', async () => {
    const rewards = await scene.get('/reports/checkpoints/rewards?projectIds=ignored&start=2026-11-21');
    assert.equal(rewards.length, 6);
    assert.deepEqual(rewards[2], {
      checkpoint_id: 'CKP_1',
      period_start: '2026-11-21T19:00:00Z',
      period_end: '2026-11-21T19:07:17.605149',
      model_id: '3',
      model_name: null,
      rank: 4,
      reward_pct: 33.3333,
      prediction_count: 2,
      value: 0.25,
    });
    const own = await scene.get('/reports/checkpoints/rewards?model_id=2&limit=1');
    assert.deepEqual(
      own.map(({ checkpoint_id, rank }: Record<string, unknown>) => [checkpoint_id, rank]),
      [['CKP_2', 2]],
    );
  });

  it('is 404 when there is none', async () => {
    for (const form of ['payload', 'emission', 'emission/cli-format', 'prizes'])
      assert.equal((await scene.refused(`/reports/checkpoints/none/${form}`))[0], 404, form);
  });
});
