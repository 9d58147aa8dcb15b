import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anyText } from '@crunch-node/streams/testing';
import fc from 'fast-check';
import { copyText } from './copy-lines.ts';

const bytesOf = (lines: readonly string[]): Buffer => {
  const text = copyText();
  for (const line of lines) text.add(line);
  return Buffer.concat(text.chunks());
};

describe('the text of a copy', () => {
  it('keeps its lines, whatever the characters', () =>
    fc.assert(
      fc.property(fc.array(anyText()), (lines) => {
        assert.deepEqual(bytesOf(lines), Buffer.from(lines.join('')));
      }),
    ));

  it('keeps its lines, however many and long', () => {
    const lines = [...Array(20_000).keys()].map((n) => `${n}\t€\n`);
    const long = `${'🦆'.repeat(200_000)}\n`;
    assert.deepEqual(bytesOf([...lines, long, ...lines]), Buffer.from([...lines, long, ...lines].join('')));
  });

  it('is empty without lines', () => assert.deepEqual(copyText().chunks(), []));
});
