import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { type Evidence, type Step, verify } from './merkle.ts';
import { dueRounds, nextRounds } from './schedule.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const [leaf, sibling, other] = [hash('{"a":1.0}'), hash('sibling'), hash('other')];
const snapshots_root = hash(leaf + sibling);
const chained_root = hash(other + snapshots_root);
const merkle_root = hash(sibling + chained_root);

const evidence: Evidence = {
  snapshot: { id: 'SNAP_1', canonical: '{"a":1.0}', content_hash: leaf },
  proof: {
    snapshot_content_hash: leaf,
    cycle_id: 'CYC_2',
    cycle_root: chained_root,
    checkpoint_id: 'CKP_1',
    merkle_root,
    path: [{ hash: sibling, position: 'right' }],
    checkpoint_path: [{ hash: sibling, position: 'left' }],
  },
  cycle: { id: 'CYC_2', previous_cycle_root: other, snapshots_root, chained_root },
  checkpoint: { id: 'CKP_1', merkle_root },
};

async function stepsOf(changed: Partial<Evidence> = {}): Promise<boolean[]> {
  const steps: Step[] = [];
  for await (const step of verify({ ...evidence, ...changed })) steps.push(step);
  return steps.map(({ isRight }) => isRight);
}

describe('evidence recomputed by a browser', () => {
  it('holds from the content to the root of the checkpoint', async () =>
    assert.deepEqual(await stepsOf(), [true, true, true, true]));
  it('ends at the chain where no checkpoint covers it yet', async () =>
    assert.deepEqual(await stepsOf({ checkpoint: null }), [true, true, true]));
  it('fails at the first thing that was changed', async () => {
    const { snapshot, proof, cycle } = evidence;
    assert.deepEqual(await stepsOf({ snapshot: { ...snapshot, canonical: '{"a":2.0}' } }), [false]);
    assert.deepEqual(await stepsOf({ proof: { ...proof, path: [{ hash: sibling, position: 'left' }] } }), [
      true,
      false,
    ]);
    assert.deepEqual(await stepsOf({ cycle: { ...cycle, previous_cycle_root: leaf } }), [true, true, false]);
    assert.deepEqual(await stepsOf({ cycle: { ...cycle, previous_cycle_root: null } }), [true, true, false]);
    assert.deepEqual(await stepsOf({ checkpoint: { id: 'CKP_1', merkle_root: other } }), [true, true, true, false]);
    assert.deepEqual(await stepsOf({ checkpoint: { id: 'CKP_1', merkle_root: null } }), [true, true, true, false]);
  });
});

describe('the schedule', () => {
  const row = (scope_key: string, performed_at: string, resolvable_at: string | null, status = 'PENDING') => ({
    scope_key,
    performed_at,
    resolvable_at,
    status,
  });
  it('counts the predictions of each round that is due, soonest first', () => {
    const rows = [
      row('b', '2026-01-01T00:01:00', '2026-01-01T00:09:00'),
      row('a', '2026-01-01T00:01:00', '2026-01-01T00:03:00'),
      row('a', '2026-01-01T00:01:00', '2026-01-01T00:03:00'),
      row('a', '2026-01-01T00:00:00', '2026-01-01T00:02:00', 'SCORED'),
    ];
    assert.deepEqual(
      dueRounds(rows).map(({ scope_key, predictions }) => [scope_key, predictions]),
      [
        ['a', 2],
        ['b', 1],
      ],
    );
  });
  it('expects the next round after the usual time', () => {
    const times = ['2026-01-01T00:00:00', '2026-01-01T00:02:00', '2026-01-01T00:01:00', '2026-01-01T00:02:00'];
    const [next] = nextRounds(times.map((time) => row('a', time, null)));
    assert.deepEqual([next?.every_seconds, next?.next_at], [60, Date.parse('2026-01-01T00:03:00Z')]);
    assert.equal(nextRounds([row('a', times[0] ?? '', null)])[0]?.next_at, null);
  });
});
