import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Sample, sampleLog } from '@crunch-node/projections/testing';
import { addSeconds, EnsembleSignalled, type Instant, SnapshotTaken, signals, snapshots } from '@crunch-node/streams';
import { openScene, type Scene } from '../testing/scene.ts';

const START = '2026-11-22T00:00:00.000000Z';
const minute = (n: number): Instant => addSeconds(START, 60 * n);
const virtual = (name: string) => `__ensemble_${name}__`;

const signalled = (name: string, scope_key: string, n: number): Sample => ({
  stream: signals,
  event: EnsembleSignalled.at(minute(n), {
    name,
    model_id: virtual(name),
    prediction_id: `PRE_${name}_${scope_key}_${n}`,
    scope_key,
    scope: { subject: scope_key },
    feed: null,
    performed_at: minute(n),
    resolvable_at: minute(n + 2),
    input_id: `INP_${n}`,
    value: n / 4,
    members: [
      { model_id: '1', value: n / 2, weight: 0.5 },
      { model_id: '2', value: 0, weight: 0.5 },
    ],
    weights_cycle_end: n > 2 ? minute(n - 2) : null,
  }),
});
const taken = (name: string, n: number): Sample => ({
  stream: snapshots,
  event: SnapshotTaken.at(minute(n), {
    snapshot_id: `SNAP_${name}_${n}`,
    model_id: virtual(name),
    cycle_end: minute(n),
    period_start: minute(n - 2),
    period_end: minute(n - 2),
    prediction_count: n,
    failed_count: 0,
    result_summary: { value: n, note: 'text' },
    unavailable: {},
    content_hash: 'a'.repeat(64),
  }),
});
const log: Sample[] = [
  ...sampleLog(10),
  ...[1, 2, 3].flatMap((n) => [signalled('main', 'BTC', n), signalled('top3', 'BTC', n)]),
  signalled('main', 'ETH', 2),
  ...[3, 4].flatMap((n) => [taken('main', n), taken('top3', n)]),
];

describe('signals of ensembles over HTTP', () => {
  let scene: Scene;
  before(async () => {
    scene = await openScene(log, { now: minute(10) });
  });
  after(() => scene?.close());
  const get = (url: string) => scene.get(url);

  it('come with a list of ensembles and their newest snapshot', async () =>
    assert.deepEqual(
      (await get('/signals/ensemble')).map((one: object) => Object.values(one)),
      ['main', 'top3'].map((name) => [name, virtual(name), '2026-11-22T00:02:00Z', 4, { value: 4, note: 'text' }]),
    ));

  it('have the newest signal, and that of each scope', async () => {
    const { scopes, ...newest } = await get('/signals/ensemble/main');
    assert.deepEqual(newest, {
      signal: { value: 0.75 },
      performed_at: '2026-11-22T00:03:00Z',
      resolvable_at: '2026-11-22T00:05:00Z',
      scope_key: 'BTC',
      weights: { '1': 0.5, '2': 0.5 },
      weights_cycle_end: '2026-11-22T00:01:00Z',
      input_id: 'INP_3',
      ensemble: 'main',
      model_id: '__ensemble_main__',
      scope: { subject: 'BTC' },
    });
    assert.deepEqual(
      scopes.map((one: { scope_key: string; signal: { value: number } }) => [one.scope_key, one.signal.value]),
      [
        ['BTC', 0.75],
        ['ETH', 0.5],
      ],
    );
    assert.equal((await get('/signals/ensemble/main?scope_key=ETH')).scope_key, 'ETH');
    assert.equal((await scene.refused('/signals/ensemble/nobody'))[0], 404);
  });

  it('have a history, newest first', async () => {
    const inputs = async (query: string) =>
      (await get(`/signals/ensemble/main/history${query}`)).map((one: { input_id: string }) => one.input_id);
    assert.deepEqual(await inputs(''), ['INP_3', 'INP_2', 'INP_2', 'INP_1']);
    assert.deepEqual(await inputs('?limit=1'), ['INP_3']);
    assert.deepEqual(await inputs('?scope_key=BTC&since=2026-11-22T00:02:00Z'), ['INP_3', 'INP_2']);
    assert.equal((await scene.refused('/signals/ensemble/main/history?limit=501'))[0], 422);
  });

  it('have snapshots of ensembles for charts, oldest first', async () => {
    const history = await get('/reports/ensemble/history?ensemble_name=main');
    assert.deepEqual(history.at(-1), {
      value: 4,
      ensemble_name: 'main',
      model_id: '__ensemble_main__',
      period_start: '2026-11-22T00:02:00',
      period_end: '2026-11-22T00:02:00',
      prediction_count: 4,
    });
    assert.deepEqual(
      (await get('/reports/ensemble/history?limit=3')).map((one: { model_id: string }) => one.model_id),
      [virtual('top3'), virtual('main'), virtual('top3')],
    );
  });

  it('keep ensembles off the leaderboard by default, without a gap in the ranks', async () => {
    const ranks = async (query: string) =>
      (await get(`/reports/leaderboard${query}`)).map((one: { rank: number; model_name: string | null }) => [
        one.rank,
        one.model_name,
      ]);
    const models = [
      [1, 'model-2'],
      [2, 'model-1'],
      [3, null],
    ];
    assert.deepEqual(await ranks(''), models);
    assert.deepEqual(
      (await ranks('?include_ensembles=true')).filter(([, name]: [number, string]) => name === 'main'),
      [[1, 'main']],
    );
    const listed = await get('/reports/models');
    assert.deepEqual(
      listed
        .filter((one: { is_ensemble: boolean }) => one.is_ensemble)
        .map((one: { model_id: string }) => one.model_id),
      [virtual('main'), virtual('top3')],
    );
  });
});
