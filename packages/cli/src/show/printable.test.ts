import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { printable, printableLines } from './printable.ts';
import { table } from './text.ts';

const EVIL = '\u001b[2Ja\r\u009b31m\u202eb\u2028c\u007f';

describe('text from participants', () => {
  it('is shown without effect on the terminal', () => {
    assert.equal(printable(EVIL), '\\u001b[2Ja\\u000d\\u009b31m\\u202eb\\u2028c\\u007f');
    assert.equal(printable('Grüße, 東京 – 5 €'), 'Grüße, 東京 – 5 €');
  });

  it('keeps its line breaks where they are allowed', () => {
    assert.equal(printableLines(`${EVIL}\n\td`), `${printable(EVIL)}\n\td`);
  });

  it('cannot break tables', () => {
    assert.match(table([{ title: 'model' }], [[EVIL]]), /^ {2}model\n {2}\\u001b\[2Ja/);
  });
});
