import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { names, time } from './times.ts';

describe('times of a command line', () => {
  it('are UTC, a day or a time', () => {
    assert.equal(time('2024-01-31'), '2024-01-31T00:00:00.000000Z');
    assert.equal(time('2024-01-31T12:30:05'), '2024-01-31T12:30:05.000000Z');
    assert.equal(time('2024-01-31T12:30:05Z'), '2024-01-31T12:30:05.000000Z');
  });

  for (const text of ['', 'yesterday', '2024-02-30', '2024-1-1', '2024-01-31T25:00:00', '2024-01-31T12:00:00+02:00']) {
    it(`are not ${JSON.stringify(text)}`, () => assert.throws(() => time(text), /expected a time/));
  }

  it('are accepted next to names separated by commas', () => assert.deepEqual(names(' a, ,b'), ['a', 'b']));
});
