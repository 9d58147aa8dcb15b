import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rowOf } from './rows.ts';

it('an archived message has its id and its own headers, and no instructions to a server', () => {
  const instructions = {
    'Nats-Expected-Last-Subject-Sequence': ['7'],
    'Nats-Expected-Last-Subject-Sequence-Subject': ['feeds.*'],
    'Nats-TTL': ['1s'],
    'Nats-Rollup': ['all'],
    'Nats-Incr': ['+1'],
    'Nats-Batch-Id': ['b'],
    'Nats-Schedule-Target': ['feeds.cycle'],
    'Nats-Trace-Only': ['true'],
    'Nats-Marker-Reason': ['MaxAge'],
    'Nats-Stream-Source': ['S 1 > > a'],
    'Nats-Of-A-Later-Version': ['x'],
  };
  const own = { 'Nats-Msg-Id': ['a'], traceparent: ['00-1'], 'X-Nats-TTL': ['kept'], NatsTTL: ['kept'] };
  const row = rowOf({
    sequence: 1,
    natsSubject: 'feeds.cycle',
    headers: { ...instructions, ...own },
    payload: Buffer.from('{}'),
    stored_us: 1,
  });
  assert.deepEqual(row.headers, own);
  assert.equal(row.id, 'a');
});
