/** The questions as they are asked on a terminal: by `script` of util-linux, which gives a program one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const loader = import.meta.resolve('tsx');
const [ENTER, DOWN, ESCAPE] = ['\r', '\u001b[B', '\u001b'];
/** Without the sequences that move the cursor and colour. */
const plain = (text: string): string => stripVTControlCharacters(text);

describe('questions on a terminal', { timeout: 120_000 }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'crunch-questions-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Types each answer once its question is shown. */
  async function answer(name: string, dialogue: readonly (readonly [question: string, keys: string])[]) {
    const program = [process.execPath, '--import', loader, main, name].map((part) => `'${part}'`).join(' ');
    const command = `stty cols 120 rows 40 && ${program}`;
    const terminal = spawn('script', ['-qfec', command, '/dev/null'], {
      cwd: folder,
      env: { ...process.env, TERM: 'xterm' },
    });
    const ended = new Promise<number | null>((resolve) => terminal.on('close', resolve));
    const left = [...dialogue];
    let shown = '';
    for await (const chunk of terminal.stdout.setEncoding('utf8')) {
      shown += chunk as string;
      const [question, keys] = left[0] ?? [];
      if (question === undefined || !plain(shown).includes(question)) continue;
      shown = '';
      left.shift();
      terminal.stdin.write(keys);
    }
    return { code: await ended, left, last: plain(shown) };
  }

  it('have defaults, say at once what is wrong with an answer, and make what was chosen', async () => {
    const { code, left, last } = await answer('flu', [
      ['What do models answer?', DOWN.repeat(4) + ENTER], // realtime, trading, density, interval, quantile
      ['Where does data come from?', ENTER],
      ['What has the source', ENTER],
      ['Length of a candle', `5 minutes${ENTER}`],
      ['granularity: expected a time such as 1s, 5m or 1h, received "5 minutes"', `${'\u007f'.repeat(9)}5m${ENTER}`],
      ['What is predicted?', `SOLUSDT${ENTER}`],
      ['Seconds between two rounds', ENTER],
      ['Seconds until the truth is known', `60${ENTER}`],
      ['horizon: expected 0, or more than the 300 seconds of a record', `0${ENTER}`],
      ['Rank by an expression', ENTER],
      ['Which is better?', ENTER],
      ['Hours of scores', ENTER],
      ['How are rewards shared?', ENTER],
      ['Days between two payments', ENTER],
    ]);
    assert.deepEqual(left, []);
    assert.equal(code, 0, last);
    assert.match(last, /flu is in flu: quantile over binance/);
    const config = readFileSync(join(folder, 'flu', 'node', 'config', 'crunch.config.ts'), 'utf8');
    for (const chosen of ["'SOLUSDT'", '600', "'5m'"]) assert.ok(config.includes(chosen), `${chosen} in\n${config}`);
  });

  it('write nothing when they are left', async () => {
    const { code, last } = await answer('left', [['What do models answer?', ESCAPE]]);
    assert.equal(code, 1);
    assert.match(last, /Nothing was written/);
    assert.equal(existsSync(join(folder, 'left')), false);
  });
});
