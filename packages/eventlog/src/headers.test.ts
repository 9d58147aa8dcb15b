import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idOf } from '@crunch-node/streams';
import { anyText } from '@crunch-node/streams/testing';
import fc from 'fast-check';
import { eventHeaders } from './headers.ts';

const textOf = (...args: Parameters<typeof eventHeaders>): string => {
  const { headers, bytes } = eventHeaders(...args);
  const encoded = (headers as unknown as { encode(): Uint8Array }).encode();
  assert.equal(encoded.length, bytes);
  return Buffer.from(encoded).toString();
};

describe('headers of an event', () => {
  it('have the format the protocol requires', () => {
    assert.equal(textOf('said:alice:1'), 'NATS/1.0\r\nNats-Msg-Id: said:alice:1\r\n\r\n');
    assert.equal(
      textOf('x', 0, '00-abc-def-01'),
      'NATS/1.0\r\nNats-Msg-Id: x\r\nNats-Expected-Last-Subject-Sequence: 0\r\ntraceparent: 00-abc-def-01\r\n\r\n',
    );
  });

  it('never contain an injected line', () => {
    assert.throws(() => eventHeaders('x\r\nNats-Rollup: all'), RangeError);
    assert.throws(() => eventHeaders(''), RangeError);
    assert.throws(() => eventHeaders(' x'), RangeError);
    assert.equal(textOf('x', undefined, 'a\r\nb: c'), 'NATS/1.0\r\nNats-Msg-Id: x\r\n\r\n');
    fc.assert(
      fc.property(anyText(), (user) => {
        fc.pre(user.isWellFormed());
        assert.equal(textOf(idOf('said', user)).split('\r\n').length, 4);
      }),
    );
  });
});
