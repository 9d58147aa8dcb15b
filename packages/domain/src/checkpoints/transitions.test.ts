import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type CheckpointStatus,
  checkpointStatuses,
  decideConfirm,
  decideStatus,
  type TransitionDecision,
} from './transitions.ts';

const standing = (status: CheckpointStatus, tx_hash: string | null = null) => ({ status, tx_hash });
const verdict = (decision: TransitionDecision) => (decision.ok ? decision.status : decision.http_status);

describe('the status of a checkpoint', () => {
  it('goes one step at a time and never back', () => {
    for (const [i, from] of checkpointStatuses.entries()) {
      for (const [j, to] of checkpointStatuses.entries()) {
        const decision = decideStatus(standing(from, 'h'), { status: to, tx_hash: 'h' });
        assert.equal(verdict(decision), j === i + 1 ? to : 409, `${from} to ${to}`);
      }
    }
  });

  it('needs the hash of the transaction to be submitted', () => {
    assert.equal(verdict(decideStatus(standing('PENDING'), { status: 'SUBMITTED' })), 422);
    assert.equal(
      verdict(decideStatus(standing('PENDING'), { status: 'SUBMITTED' }, { profile: 'legacy' })),
      'SUBMITTED',
    );
    assert.equal(verdict(decideConfirm(standing('PENDING'), '')), 422);
    assert.equal(verdict(decideConfirm(standing('PENDING'), ' \n')), 422);
  });

  it('may be confirmed again with the same hash, not with another', () => {
    assert.deepEqual(decideConfirm(standing('SUBMITTED', 'h'), 'h'), {
      ok: true,
      status: 'SUBMITTED',
      tx_hash: 'h',
      changed: false,
    });
    assert.equal(verdict(decideConfirm(standing('SUBMITTED', 'h'), 'other')), 409);
    assert.equal(verdict(decideConfirm(standing('PAID', 'h'), 'h')), 409);
  });

  it('cannot change for an unknown checkpoint or become an unknown status', () => {
    assert.equal(verdict(decideConfirm(null, 'h')), 404);
    assert.equal(verdict(decideStatus(null, { status: 'PAID' })), 404);
    assert.equal(verdict(decideStatus(standing('PENDING'), { status: 'paid' })), 422);
  });
});
