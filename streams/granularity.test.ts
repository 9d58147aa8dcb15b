import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { spacingSeconds } from './granularity.ts';

describe('the spacing of a granularity', () => {
  it('is its length in seconds', () =>
    assert.deepEqual(['1s', '30s', '5m', '12h', '7d'].map(spacingSeconds), [1, 30, 300, 43_200, 604_800]));

  it('is unknown where there is none', () => {
    for (const text of ['tick', '', '0m', '01m', '1', 'm', '1w', '1M', '1.5h', '-1m', ' 1m', '12345678s']) {
      assert.equal(spacingSeconds(text), null, JSON.stringify(text));
    }
  });
});
