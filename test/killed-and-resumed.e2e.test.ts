import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tempDir } from '@crunch-node/embedded';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const crunchNode = join(root, 'packages/cli/bin/crunch-node.js');

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; output: string }>;
  output(): string;
}

/** The product as a user starts it: one process with private servers in a data folder. */
function up(dataDir: string, ...args: readonly string[]): Run {
  const child = spawn(
    process.execPath,
    [
      crunchNode,
      'up',
      '--demo',
      '--feed',
      'synthetic',
      '--seed',
      'kill',
      '--once',
      '--port',
      '0',
      '--data-dir',
      dataDir,
      ...args,
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } },
  );
  let output = '';
  child.stdout?.on('data', (chunk) => (output += chunk));
  child.stderr?.on('data', (chunk) => (output += chunk));
  return {
    child,
    output: () => output,
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, output })),
  };
}

const digestIn = (output: string): string | undefined => /digest streams (\w+) \/ tables (\w+)/.exec(output)?.[0];
const leaderboardIn = (output: string): string | undefined => /Leaderboard[\s\S]*?(?=\n\n)/.exec(output)?.[0];

async function finished(run: Run): Promise<{ digest: string; leaderboard: string }> {
  const { code, output } = await run.ended;
  assert.equal(code, 0, output);
  const digest = digestIn(output);
  const leaderboard = leaderboardIn(output);
  assert.ok(digest && leaderboard, output);
  return { digest, leaderboard };
}

const DAYS = '0.12';

describe('crunch-node up, killed with -9 in the middle of a replay', () => {
  it('ends with the digest and the leaderboard of an undisturbed run', { timeout: 400_000 }, async () => {
    const calm = await tempDir('crunch-calm-');
    const rough = await tempDir('crunch-rough-');
    try {
      const expected = await finished(up(calm.path, '--days', DAYS));
      // Progress lines are printed as history runs: each kill waits for another stretch of it.
      for (const percent of [10, 35, 65]) {
        const run = up(rough.path, '--days', DAYS);
        const reached = (): boolean =>
          [...run.output().matchAll(/(\d+)%/g)].some(([, text]) => Number(text) >= percent);
        while (!reached() && run.child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
        assert.equal(digestIn(run.output()), undefined, 'history was over before it could be killed');
        assert.equal(run.child.exitCode, null, run.output());
        run.child.kill('SIGKILL');
        await run.ended;
      }
      assert.deepEqual(await finished(up(rough.path, '--days', DAYS)), expected);
    } finally {
      await calm.remove();
      await rough.remove();
    }
  });
});
