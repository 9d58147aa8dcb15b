import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sharedSpan } from './span.ts';

const recorded = { first: '2026-11-01T00:00:30.000001Z', last: '2026-11-21T19:07:17.605149Z' };
const asked = (start: string | undefined, end: string | undefined) =>
  Object.values(sharedSpan({ start, end }, recorded));

describe('a span that viewers share', () => {
  it('ends with the minute where nothing is recorded yet, and elsewhere as requested', () => {
    assert.deepEqual(asked(undefined, '2026-11-21T19:07:17.605149Z'), [undefined, '2026-11-21T19:07:17.605149Z']);
    for (const end of ['2026-11-21T19:07:17.605150Z', '2026-11-21T19:07:59.999999Z', '2026-11-21T19:08:00.000000Z'])
      assert.deepEqual(asked(undefined, end), [undefined, '2026-11-21T19:08:00.000000Z'], end);
    assert.deepEqual(asked(undefined, '2026-11-10T01:02:03.000004Z'), [undefined, '2026-11-10T01:02:03.000004Z']);
  });

  it('begins with what is recorded, and over weeks with a full minute', () => {
    const end = '2026-11-21T19:08:00.000000Z';
    for (const start of ['2026-10-01T00:00:00.000000Z', recorded.first])
      assert.deepEqual(asked(start, end), [recorded.first, end], start);
    assert.deepEqual(asked('2026-11-02T01:02:03.000004Z', end), ['2026-11-02T01:03:00.000000Z', end]);
    assert.deepEqual(asked('2026-11-02T01:03:00.000000Z', end), ['2026-11-02T01:03:00.000000Z', end]);
    const exact = '2026-11-20T01:02:03.000004Z';
    assert.deepEqual(asked(exact, end), [exact, end], 'less than a week');
  });

  it('is as requested where nothing is recorded in it', () => {
    const [start, end] = ['2025-01-01T00:00:00.000001Z', '2025-03-01T00:00:00.000001Z'];
    assert.deepEqual(asked(start, end), [start, end]);
    assert.deepEqual(sharedSpan({ start, end }, null), { start, end });
    assert.deepEqual(asked(end, start), [end, start]);
  });
});
