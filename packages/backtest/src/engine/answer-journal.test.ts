import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ModelAnswer } from '@crunch-node/models';
import { openJournal } from './answer-journal.ts';

const answer = (result: ModelAnswer['result']): ModelAnswer => ({
  status: 'SUCCESS',
  result,
  error_code: null,
  message: null,
  detail: null,
  exec_us: 0,
});
const late: ModelAnswer = { ...answer(undefined), status: 'TIMEOUT', error_code: 'DEADLINE_EXCEEDED' };
const AT = '2024-01-01T00:01:00.000000Z';
const LATER = '2024-01-01T00:02:00.000000Z';

describe('the journal of answers', () => {
  it('has what was added, numbers that JSON lacks included, and nothing of a line that was cut off', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'crunch-journal-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'resume', 'run.jsonl');
    const first = openJournal(path);
    assert.deepEqual([first.known, first.at], [0, null]);
    const answers = { one: [answer({ value: Number.NaN, text: 'é' }), late], two: [answer(null), answer(undefined)] };
    first.append(AT, answers);
    first.append(LATER, { one: [answer({ value: 1 })] });
    const whole = readFileSync(path, 'utf8');
    for (const cut of [
      '[2, "2024-',
      '[1, "2024-01-01T00:03:00.000000Z", {}]\n[2, "2024-01-01T00:04:00.000000Z", {}]\n',
    ]) {
      appendFileSync(path, cut);
      const again = openJournal(path);
      assert.deepEqual([again.known, again.at], [2, LATER]);
      assert.deepEqual(again.answersOf(0), answers);
      assert.equal(readFileSync(path, 'utf8'), whole);
    }
    openJournal(path).remove();
    assert.equal(existsSync(path), false);
  });
});
