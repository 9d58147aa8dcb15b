import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { microsOf } from './server-time.ts';

describe('parsing a time of the server', () => {
  it('keeps microseconds, however many digits there are', () => {
    const second = 1_704_067_200_000_000;
    for (const [text, micros] of [
      ['2024-01-01T00:00:00Z', 0],
      ['2024-01-01T00:00:00.5Z', 500_000],
      ['2024-01-01T00:00:00.123456Z', 123_456],
      ['2024-01-01T00:00:00.123456789Z', 123_456],
      ['2024-01-01T01:00:00.000001999+01:00', 1],
    ] as const) {
      assert.equal(microsOf(text), second + micros, text);
    }
  });
});
