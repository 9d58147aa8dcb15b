import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { realtimeScore } from './realtime.ts';

describe('the realtime score', () => {
  it('pays in basis points of the return', () =>
    assert.deepEqual(realtimeScore({ value: 0.5 }, { entry_price: 100, resolved_price: 101, profit: 0.01 }), {
      value: 50,
      prediction: 0.5,
      actual_return: 0.01,
      success: true,
      failed_reason: null,
    }));

  it('fails without an entry price', () => {
    const score = realtimeScore({ value: 0.5 }, { entry_price: 0, profit: 0.01 });
    assert.equal(score.success, false);
    assert.equal(score.value, 0);
    assert.ok(score.failed_reason);
  });
});
