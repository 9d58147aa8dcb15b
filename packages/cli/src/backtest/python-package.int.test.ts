import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../../challenge-python');
const python = process.env.PYTHON ?? 'python3';
const missing =
  spawnSync(python, ['--version']).status === 0 ? false : `there is no ${python}: its package is NOT tested`;
if (missing) process.stderr.write(`\nWARNING: ${missing}\n`);

it('the Python package has the same figures as the engine', { skip: missing, timeout: 300_000 }, () => {
  const { status, stderr } = spawnSync(python, ['tests/test_backtest.py'], {
    cwd: folder,
    env: { ...process.env, PYTHONPATH: join(folder, 'src') },
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
});
