import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { didYouMean, nearestOf } from './nearest.ts';

const names = ['poll_seconds', 'idle_seconds', 'url', 'interval', 'ic', 'ic_sharpe', 'hit_rate'];

describe('the nearest name', () => {
  it('is found over typing errors, case and separators', () => {
    const pairs = [
      ['intervall', 'interval'],
      ['intreval', 'interval'],
      ['pollSeconds', 'poll_seconds'],
      ['POLL-SECONDS', 'poll_seconds'],
      ['idle_second', 'idle_seconds'],
      ['ulr', 'url'],
      ['icsharp', 'ic_sharpe'],
      ['sharpe', 'ic_sharpe'],
      ['hit_ratio', 'hit_rate'],
    ] as const;
    for (const [received, expected] of pairs) assert.equal(nearestOf(received, names), expected, received);
  });

  it('is none where nothing resembles it', () => {
    for (const received of ['colour', 'zz', '', '-', 'x'.repeat(5_000)]) {
      assert.equal(nearestOf(received, names), null, received.slice(0, 20));
    }
    assert.equal(nearestOf('interval', []), null);
  });

  it('ends a message', () => {
    assert.equal(didYouMean('intervall', names), '; did you mean "interval"?');
    assert.equal(didYouMean(7, names), '');
  });
});
