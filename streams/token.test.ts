import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { anyText } from './testing/index.ts';
import { escapeToken, idOf, unescapeToken } from './token.ts';

describe('tokens of user data', () => {
  it('are read back as they were', () =>
    fc.assert(fc.property(anyText(), (text) => unescapeToken(escapeToken(text)) === text)));

  it('are never empty and hold nothing a subject or a header could be broken with', () =>
    fc.assert(fc.property(anyText(), (text) => /^[A-Za-z0-9_%-]+$/.test(escapeToken(text)))));

  it('differ when the texts differ', () =>
    fc.assert(fc.property(anyText(), anyText(), (a, b) => (a === b) === (escapeToken(a) === escapeToken(b)))));

  it('leave plain names alone and spell out the rest', () => {
    assert.equal(escapeToken('BTC-USD_1'), 'BTC-USD_1');
    assert.equal(escapeToken(''), '%');
    assert.equal(escapeToken('BTC/USD'), 'BTC%2FUSD');
    assert.equal(escapeToken('a.b>*'), 'a%2Eb%3E%2A');
    assert.equal(escapeToken('x\r\ny'), 'x%0D%0Ay');
    assert.equal(escapeToken('é'), '%C3%A9');
  });

  it('are refused when no writer produces them', () => {
    for (const text of ['a.b', '%4', '%zz', '%41', '%c3%a9', 'a b']) assert.throws(() => unescapeToken(text));
    assert.throws(() => escapeToken('\ud800'), RangeError);
  });

  it('make ids whose parts cannot be confused', () =>
    fc.assert(
      fc.property(fc.array(anyText(), { minLength: 1 }), (parts) => {
        assert.deepEqual(
          idOf(...parts)
            .split(':')
            .map(unescapeToken),
          parts,
        );
      }),
    ));
});
