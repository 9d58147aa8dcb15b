import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Status } from '@crunch-node/operations/status';
import { fitted, frame } from './top.ts';

const verdict = {
  activity: 'idle' as const,
  reached: '2026-01-01T00:01:00.000000Z' as const,
  behind_seconds: 0,
  behind_messages: 0,
  messages_per_second: null,
  catch_up_seconds: 0,
  waits_for: [],
  still_seconds: null,
};
const status: Status = {
  streams: [],
  stages: [
    { service: 'rank', partition: 'all', owner: 'host:1', ...verdict },
    { service: 'score', partition: '0', owner: null, ...verdict, activity: 'frozen', still_seconds: 20 },
  ],
  projections: [],
  postgres: null,
  failures: [],
  instances: {},
  holders: {},
};

describe('top', () => {
  it('begins with what stands out', () => {
    const [head] = frame(status, 2, new Date('2026-01-01T10:11:12Z')).split('\n');
    for (const part of ['10:11:12 UTC', '0 working, 1 idle', '1 frozen, 0 without an owner', '2 open dead letters'])
      assert.ok(head?.includes(part), head);
    const [calm] = frame({ ...status, stages: [] }, 0, new Date(0)).split('\n');
    assert.match(calm ?? '', /none frozen · no open dead letters/);
  });

  it('draws what fits, and scrolls no further than there is something', () => {
    const text = ['head', ...Array.from({ length: 10 }, (_, i) => `line ${i}`)].join('\n');
    const at = (offset: number) => fitted(text, { rows: 5, columns: 6, offset });
    assert.deepEqual(at(0).lines, ['head', 'line 0', 'line 1', 'line 2']);
    assert.deepEqual(at(99).lines, ['head', 'line 7', 'line 8', 'line 9']);
    assert.equal(at(0).lastOffset, 7);
    assert.deepEqual(fitted('\x1b[31mabcdef\x1b[39m', { rows: 5, columns: 3, offset: 0 }).lines, ['abc']);
  });
});
