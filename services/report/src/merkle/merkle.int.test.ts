import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { foldProof, hashPair, sha256Hex, verifyProof } from '@crunch-node/domain';
import { evidenceLog } from '../testing/evidence-log.ts';
import { openScene, type Scene } from '../testing/scene.ts';

describe('Merkle evidence over HTTP', () => {
  let scene: Scene;
  before(async () => {
    const log = evidenceLog(
      [
        { 'a/é': { value: 1, success: 1, note: 'x' }, b: { value: -0 } },
        { b: { value: 0.1, ic: 1e-7, open_position_count: 3 }, c: { value: 2 }, 'a/é': {} },
        {},
        { b: { value: 1e16 } },
      ],
      2,
    );
    scene = await openScene(log, { now: '2026-11-21T19:20:00.000000Z' });
  });
  after(() => scene?.close());

  it('lists the newest cycles, oldest of them first', async () => {
    const cycles = await scene.get('/reports/merkle/cycles');
    assert.deepEqual(
      cycles.map(({ id, previous_cycle_id, snapshot_count, created_at }: Record<string, unknown>) => [
        id,
        previous_cycle_id,
        snapshot_count,
        created_at,
      ]),
      [
        ['CYC_20261121_190717_605149', null, 2, '2026-11-21T19:07:17.605149Z'],
        ['CYC_20261121_190817_605149', 'CYC_20261121_190717_605149', 3, '2026-11-21T19:08:17.605149Z'],
        ['CYC_20261121_191017_605149', 'CYC_20261121_190817_605149', 1, '2026-11-21T19:10:17.605149Z'],
      ],
    );
    const [first, second] = cycles;
    assert.equal(first.chained_root, first.snapshots_root);
    assert.equal(first.previous_cycle_root, null);
    assert.equal(second.previous_cycle_root, first.chained_root);
    assert.equal(second.chained_root, hashPair(first.chained_root, second.snapshots_root));
    assert.deepEqual(await scene.get('/reports/merkle/cycles?limit=1'), [cycles[2]]);
    assert.deepEqual(await scene.get(`/reports/merkle/cycles?since=${second.created_at}&until=${second.created_at}`), [
      second,
    ]);
    assert.deepEqual(await scene.get(`/reports/merkle/cycles/${second.id}`), second);
    assert.equal((await scene.refused('/reports/merkle/cycles/CYC_none'))[0], 404);
    assert.equal((await scene.refused('/reports/merkle/cycles?limit=501'))[0], 422);
  });

  it('proves each snapshot up to its checkpoint', async () => {
    const snapshots = await scene.get('/reports/snapshots');
    assert.equal(snapshots.length, 6);
    for (const snapshot of snapshots) {
      assert.equal(sha256Hex(snapshot.canonical), snapshot.content_hash);
      const proof = await scene.get(`/reports/merkle/proof?snapshot_id=${encodeURIComponent(snapshot.id)}`);
      const cycle = await scene.get(`/reports/merkle/cycles/${proof.cycle_id}`);
      assert.ok(verifyProof(snapshot.content_hash, proof.path, cycle.snapshots_root), snapshot.id);
      assert.equal(proof.cycle_root, cycle.chained_root);
      if (snapshot.id === 'SNAP_b_3') {
        assert.deepEqual([proof.checkpoint_id, proof.merkle_root, proof.checkpoint_path], [null, null, []]);
        continue;
      }
      const { merkle_root } = await scene.get(`/reports/checkpoints/${proof.checkpoint_id}/payload`);
      assert.equal(foldProof(proof.cycle_root, proof.checkpoint_path), merkle_root);
      assert.equal(proof.merkle_root, merkle_root);
    }
  });

  it('shows what was hashed, with the times that were hashed', async () => {
    const [snapshot] = await scene.get('/reports/snapshots?snapshot_id=SNAP_b_1');
    assert.equal(
      snapshot.canonical,
      '{"model_id":"b","period_end":"2026-11-21T19:07:47.105149+00:00","period_start":"2026-11-21T19:07:17.605149+00:00",' +
        '"prediction_count":2,"result_summary":{"ic":1e-07,"open_position_count":3,"value":0.1}}',
    );
    assert.equal(snapshot.period_end, '2026-11-21T19:07:47.105149');
  });

  it('refuses unknown, malformed and missing snapshot ids', async () => {
    assert.equal((await scene.refused('/reports/merkle/proof?snapshot_id=none'))[0], 404);
    assert.equal((await scene.refused('/reports/merkle/proof?snapshot_id=%00'))[0], 422);
    assert.deepEqual(await scene.refused('/reports/merkle/proof'), [
      422,
      [{ type: 'missing', loc: ['query', 'snapshot_id'], msg: 'Field required', input: null }],
    ]);
  });

  it('pages through snapshots, and shows them as of a moment', async () => {
    const ids = async (query: string) =>
      (await scene.get(`/reports/snapshots?${query}`)).map(({ id }: { id: string }) => id);
    assert.deepEqual(await ids('limit=2'), ['SNAP_c_1', 'SNAP_b_3']);
    assert.deepEqual(await ids('limit=2&before=SNAP_c_1'), ['SNAP_a/é_1', 'SNAP_b_1']);
    assert.deepEqual(await ids('limit=2&after=SNAP_b_0'), ['SNAP_a/é_1', 'SNAP_b_1']);
    assert.deepEqual(await ids('as_of=2026-11-21T19:08:00Z'), ['SNAP_a/é_0', 'SNAP_b_0']);
    assert.equal((await scene.refused('/reports/snapshots?before=none'))[0], 404);
  });
});
