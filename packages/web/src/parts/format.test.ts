import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ago, bytes, duration } from './format.ts';

describe('numbers for people', () => {
  it('say how long something takes, to a small part of it', () => {
    const cases: [number, string][] = [
      [0, '0 s'],
      [0.9, '0 s'],
      [59.9, '59 s'],
      [119, '1 min'],
      [3_600, '1 h'],
      [7_199, '1 h 59 min'],
      [86_400, '1 day'],
      [2 * 86_400 + 3 * 3_600 + 59, '2 days 3 h'],
      [86_400 * 366, '1 year 1 day'],
      [86_400 * 800, '2 years 70 days'],
      [-7_199, '1 h 59 min'],
    ];
    for (const [seconds, text] of cases) assert.equal(duration(seconds), text, String(seconds));
    assert.deepEqual([ago(0.4), ago(61)], ['just now', '1 min ago']);
  });
  it('say how large something is', () => {
    assert.deepEqual([0, 999, 4_900, 5e6, 1e12].map(bytes), ['0 B', '999 B', '4.9 kB', '5.0 MB', '1,000.0 GB']);
  });
});
