import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anyText } from '@crunch-node/streams/testing';
import fc from 'fast-check';
import { finiteOrText, parseTolerantJson, pythonJson } from './tolerant-json.ts';

describe('JSON of Python peers', () => {
  it('reads bare NaN and Infinity as the numbers they are', () => {
    assert.deepEqual(parseTolerantJson('{"value": NaN, "more": [Infinity, -Infinity, 1]}'), {
      value: Number.NaN,
      more: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1],
    });
  });

  it('keeps texts that look like them', () => {
    const text = '{"NaN": "-Infinity", "quote \\" NaN": "\\u0000NaN", "value": NaN, "back": "\\\\"}';
    assert.deepEqual(parseTolerantJson(text), {
      NaN: '-Infinity',
      'quote " NaN': '\u0000NaN',
      value: Number.NaN,
      back: '\\',
    });
  });

  it('still refuses what is no JSON', () => {
    for (const text of ['NaNa', '{"value": +Infinity}', '[NaN', 'None', "{'value': NaN}"]) {
      assert.throws(() => parseTolerantJson(text), SyntaxError, text);
    }
  });

  it('reads back whatever a Python peer would write', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.double(),
        anyText(),
        fc.constant('NaN'),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any')),
        fc.dictionary(
          anyText().filter((key) => key !== '__proto__'),
          tie('any'),
        ),
      ),
    })).any;
    fc.assert(
      fc.property(value, (original) => {
        const text = pythonJson(original);
        assert.match(text, /^[\x20-\x7e]*$/);
        assert.equal(pythonJson(parseTolerantJson(text)), text);
      }),
    );
  });

  it('writes with spaces and escapes', () => {
    assert.equal(
      pythonJson({ value: 0.5, name: 'é😀', list: [1, Number.NaN] }),
      '{"value": 0.5, "name": "\\u00e9\\ud83d\\ude00", "list": [1, NaN]}',
    );
  });

  it('turns non-finite numbers into texts so that they can be stored', () => {
    assert.deepEqual(finiteOrText({ value: Number.NaN, list: [Number.NEGATIVE_INFINITY, 1, null] }), {
      value: 'NaN',
      list: ['-Infinity', 1, null],
    });
  });
});
