import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { bin, type RunningCli, runCli } from '../testing/run-cli.ts';

/** What it answers depends on all updates so far: a run that is resumed has to repeat them. */
const MODEL = `export class Trend {
  updates = 0;
  closes = new Map();
  feedUpdate({ symbol, candles_1m }) {
    this.updates++;
    this.closes.set(symbol, candles_1m.map(({ close }) => close));
  }
  predict(subject) {
    const closes = this.closes.get(subject);
    return { value: Math.tanh((closes.at(-1) / closes[0] - 1) * 50) + this.updates * 1e-6 };
  }
}
`;

/** Stateless: copies of it are asked about several stretches at once. */
const STEADY = `export class Steady {
  stateless = true;
  closes = new Map();
  feedUpdate({ symbol, candles_1m }) {
    this.closes.set(symbol, candles_1m.map(({ close }) => close));
  }
  predict(subject) {
    const [own, ...others] = [subject, ...this.closes.keys()].map((symbol) => this.closes.get(symbol));
    return { value: own.length / own.at(-1) - others.reduce((sum, closes) => sum + closes[0], 0) / 1e7 };
  }
}
`;

describe('the backtest command', { timeout: 600_000 }, () => {
  let cwd: string;
  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'crunch-backtest-'));
    await writeFile(join(cwd, 'trend.ts'), MODEL);
    await writeFile(join(cwd, 'steady.ts'), STEADY);
  });
  after(() => rm(cwd, { recursive: true }));

  const start = (...more: readonly string[]): RunningCli =>
    runCli(['backtest', 'trend.ts', 'steady.ts', '--demo', '--days', '0.25', '--no-checks', '--json', ...more], {
      cwd,
    });

  async function journalled(): Promise<number> {
    const folder = join(cwd, '.cache', 'backtest', 'resume');
    const names = await readdir(folder).catch(() => []);
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
    return texts.join('').split('\n').length - 1;
  }

  it('has the same figures in threads, also more than there are models, and when it was killed and resumed', async () => {
    const whole = await start('--jobs', '1').ended;
    assert.equal(whole.code, 0, whole.stderr);
    assert.doesNotMatch(whole.stderr, /resuming/);
    assert.equal(await journalled(), 0);

    const killed = start('--jobs', '2');
    await killed.reaches('a part that is kept', async () => (await journalled()) >= 2);
    killed.child.kill('SIGKILL');
    assert.equal((await killed.ended).stdout, '');
    assert.ok((await journalled()) >= 2);

    const resumed = await start('--jobs', '4').ended;
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stderr, /resuming at 2024-01-01T0\d:\d\d/);
    assert.equal(resumed.stdout, whole.stdout);
    assert.equal(await journalled(), 0);
  });

  it('ends when a pipe has taken all of its results', async () => {
    const command = `"${process.execPath}" "${bin}" backtest trend.ts steady.ts --demo --days 0.25 --no-checks --json | cat`;
    const { stdout } = await promisify(execFile)('bash', ['-c', command], { cwd, maxBuffer: 16 * 1024 * 1024 });
    assert.ok(stdout.length > 3 * 65_536, `${stdout.length} characters`);
    assert.equal((JSON.parse(stdout) as { models: unknown[] }).models.length, 2);
  });
});
