import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tempDir } from '@crunch-node/embedded';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const crunchNode = join(root, 'packages/cli/bin/crunch-node.js');

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

const ARGUMENTS = ['up', '--demo', '--feed', 'synthetic', '--seed', 'kill', '--once', '--port', '0', '--days', '0.05'];

/** The product as a user starts it: one process with private servers in a data folder, until it ends. */
async function up(dataDir: string, crashAt?: string): Promise<Ended> {
  const child = spawn(process.execPath, [crunchNode, ...ARGUMENTS, '--data-dir', dataDir], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', PARTITIONS: '3', ...(crashAt !== undefined && { CRUNCH_CRASH_AT: crashAt }) },
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, output };
}

const digestIn = (output: string): string | undefined => /digest streams (\w+) \/ tables (\w+)/.exec(output)?.[0];
const leaderboardIn = (output: string): string | undefined => /Leaderboard[\s\S]*?(?=\n\n)/.exec(output)?.[0];

function resultsOf({ code, output }: Ended): { digest: string; leaderboard: string } {
  assert.equal(code, 0, output);
  const digest = digestIn(output);
  const leaderboard = leaderboardIn(output);
  assert.ok(digest && leaderboard, output);
  return { digest, leaderboard };
}

describe('crunch-node up, killed with -9 in the middle of a replay', () => {
  it('ends with the digest and the leaderboard of an undisturbed run', { timeout: 1_200_000 }, async () => {
    const calm = await tempDir('crunch-calm-');
    const rough = await tempDir('crunch-rough-');
    try {
      const expected = resultsOf(await up(calm.path));
      for (const crashAt of ['cycle-closed:150', 'stored:600', 'in-transaction:10']) {
        const { signal, output } = await up(rough.path, crashAt);
        assert.equal(signal, 'SIGKILL', `${crashAt} was not reached: ${output}`);
      }
      const resumed = await up(rough.path);
      assert.match(resumed.output, /resuming the competition of this log, which has reached \d{4}-\d\d-\d\d/);
      assert.deepEqual(resultsOf(resumed), expected);
    } finally {
      await calm.remove();
      await rough.remove();
    }
  });
});
