import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createScreen } from './screen.ts';

const terminal = () => {
  const written: string[] = [];
  return { written, write: (text: string) => written.push(text) };
};

describe('the screen without a terminal', () => {
  it('keeps results apart from messages', () => {
    const [out, err] = [terminal(), terminal()];
    const screen = createScreen(out, err);
    screen.result('a table');
    screen.print('waiting');
    assert.deepEqual([out.written, err.written], [['a table\n'], ['waiting\n']]);
  });

  it('draws no bar, and prints its progress at a modest rate', () => {
    const err = terminal();
    const progress = createScreen(terminal(), err).progress('{at} {rate}');
    for (let done = 0; done < 100; done++) progress.update(done, 100, { at: 'noon', rate: '7' });
    progress.end();
    assert.deepEqual(err.written, ['0% noon 7\n']);
  });
});
