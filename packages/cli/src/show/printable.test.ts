import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { printable, printableLines } from './printable.ts';
import { table } from './text.ts';

const EVIL = '\u001b[2Ja\r\u009b31m\u202eb\u2028c\u007f';

describe('what strangers have written', () => {
  it('is shown and not obeyed', () => {
    assert.equal(printable(EVIL), '\\u001b[2Ja\\u000d\\u009b31m\\u202eb\\u2028c\\u007f');
    assert.equal(printable('Grüße, 東京 – 5 €'), 'Grüße, 東京 – 5 €');
  });

  it('keeps its lines where it has some', () => {
    assert.equal(printableLines(`${EVIL}\n\td`), `${printable(EVIL)}\n\td`);
  });

  it('does no harm in tables', () => {
    assert.match(table([{ title: 'model' }], [[EVIL]]), /^ {2}model\n {2}\\u001b\[2Ja/);
  });
});
