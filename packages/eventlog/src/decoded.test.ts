import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeEvent } from '@crunch-node/streams';
import { DecodedMessages } from './decoded.ts';
import { said, say } from './testing/toys.ts';

const bytesOf = (n: number): Uint8Array => encodeEvent(say('alice', n).event);

describe('decoded messages', () => {
  it('are shared by the readers of a stream', () => {
    const messages = new DecodedMessages();
    const first = messages.decode(said, 7, bytesOf(1));
    assert.equal(messages.decode(said, 7, bytesOf(1)), first);
    assert.equal(first.kind === 'event' && first.event.id, 'said:alice:1');
  });

  it('are decoded again where the stream has another message at that place', () => {
    const messages = new DecodedMessages();
    messages.decode(said, 7, bytesOf(1));
    const second = messages.decode(said, 7, bytesOf(2));
    assert.equal(second.kind === 'event' && second.event.id, 'said:alice:2');
  });

  it('are kept for the newest messages only', () => {
    const messages = new DecodedMessages();
    const first = messages.decode(said, 1, bytesOf(1));
    for (let sequence = 2; sequence <= 2_000; sequence++) messages.decode(said, sequence, bytesOf(sequence));
    assert.notEqual(messages.decode(said, 1, bytesOf(1)), first);
  });
});
