import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { headers, type Msg } from 'nats';
import { readAck } from './ack.ts';

const answer = (body: unknown): Msg => ({ data: Buffer.from(JSON.stringify(body)) }) as unknown as Msg;
const refusal = (code: number, err_code: number, description: string): Msg =>
  answer({ error: { code, err_code, description }, stream: 'SAID', seq: 0 });
const kindOf = (message: Msg): string | undefined => readAck(message)?.kind;

describe('parsing the response to an append', () => {
  it('yields the sequence for a new message and for a duplicate', () => {
    assert.deepEqual(readAck(answer({ stream: 'SAID', seq: 7 })), { kind: 'stored', sequence: 7, duplicate: false });
    assert.deepEqual(readAck(answer({ stream: 'SAID', seq: 7, duplicate: true })), {
      kind: 'stored',
      sequence: 7,
      duplicate: true,
    });
  });

  it('gives the same result from the bytes as from the JSON', () => {
    fc.assert(
      fc.property(fc.string(), fc.maxSafeNat(), fc.option(fc.string()), (stream, n, domain) => {
        const seq = Math.max(1, n);
        const body = domain === null ? { stream, seq } : { stream, seq, domain };
        assert.deepEqual(readAck(answer(body)), { kind: 'stored', sequence: seq, duplicate: false });
      }),
    );
  });

  it('rejects a response without a sequence', () => {
    assert.equal(kindOf(answer({ stream: 'SAID', seq: 0 })), 'pending');
    assert.equal(kindOf(answer({ stream: 'SAID', seq: 0, duplicate: true })), 'pending');
    const spaced = { data: Buffer.from('{"stream":"SAID", "seq":0,"duplicate": true}') } as unknown as Msg;
    assert.equal(kindOf(spaced), 'pending');
    assert.equal(kindOf(answer({ stream: 'SAID', seq: -1 })), 'pending');
    assert.equal(kindOf(answer({ stream: 'SAID', seq: 1.5 })), undefined);
    assert.equal(kindOf(answer({ stream: 'SAID', seq: '7' })), undefined);
  });

  it('is pending while the id, or another message of the subject, is in process', () => {
    assert.equal(kindOf(refusal(409, 10158, 'duplicate message id is in process')), 'pending');
    assert.equal(kindOf(refusal(400, 10164, 'wrong last sequence')), 'pending');
    assert.equal(kindOf(refusal(400, 10071, 'wrong last sequence: 3')), 'conflict');
  });

  it('is full for limits and a full disk, not for every storage failure', () => {
    assert.equal(kindOf(refusal(503, 10077, 'maximum bytes exceeded')), 'full');
    assert.equal(kindOf(refusal(503, 10077, 'write SAID/1.blk: no space left on device')), 'full');
    assert.equal(kindOf(refusal(503, 10023, 'insufficient resources')), 'full');
    assert.equal(kindOf(refusal(500, 10047, 'insufficient storage resources available')), 'full');
    assert.equal(kindOf(refusal(400, 10002, 'resource limits exceeded for account')), 'full');
    assert.equal(kindOf(refusal(503, 10077, 'store is closed')), 'transient');
  });

  it('is transient when there is no responder yet or the server is overloaded', () => {
    const noResponders = { data: new Uint8Array(), headers: headers(503, 'No Responders') } as unknown as Msg;
    assert.equal(kindOf(noResponders), 'transient');
    assert.equal(kindOf(refusal(503, 10008, 'JetStream system temporarily unavailable')), 'transient');
    assert.equal(kindOf(refusal(429, 10167, 'too many requests')), 'transient');
    assert.equal(kindOf(refusal(409, 10999, 'a conflict of a later version')), 'transient');
    assert.equal(kindOf(answer({ error: { code: 503, description: 'raft: not leader' } })), 'transient');
  });

  it('is refused for failures that no retry can fix', () => {
    assert.equal(kindOf(refusal(400, 10054, 'message size exceeds maximum allowed')), 'refused');
    assert.equal(kindOf(refusal(400, 10109, 'stream is sealed')), 'refused');
    assert.equal(kindOf(refusal(500, 10111, 'rollup not permitted')), 'refused');
    assert.equal(kindOf(refusal(503, 10077, 'message too large')), 'refused');
    assert.equal(kindOf(refusal(400, 10999, 'a refusal of a later version')), 'refused');
  });

  it('is null when the responder is not a stream', () => {
    assert.equal(readAck(answer({ hello: 'world' })), null);
    assert.equal(readAck(answer(null)), null);
    assert.equal(readAck(answer({ error: 'no' })), null);
    assert.equal(readAck(answer({ error: null })), null);
    assert.equal(readAck({ data: Buffer.from('hi') } as unknown as Msg), null);
  });
});
