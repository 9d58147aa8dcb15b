/** Every service works with TLS and with a user of its own that may do nothing but what it does. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '@crunch-node/embedded';
import { runCli } from '../packages/cli/src/testing/run-cli.ts';

const demo = ['--demo', '--days', '0.004', '--once', '--port', '0', '--data-dir'];
const digestOf = (output: string): string => /^digest streams .*$/m.exec(output)?.[0] ?? output;

describe('a cluster with TLS and least privilege', () => {
  it('makes the same events, and asks for nothing it may not do', async () => {
    const folder = await tempDir('crunch-secure-');
    try {
      const secured = join(folder.path, 'secured');
      const { code, stdout, stderr } = await runCli(['cluster', '--secure', ...demo, secured]).ended;
      assert.equal(code, 0, stderr);
      const log = readFileSync(join(secured, 'nats', 'nats-server.log'), 'utf8');
      assert.deepEqual(log.match(/(?:Publish|Subscription) Violation.*/g), null);
      assert.doesNotMatch(stdout + stderr, /password|_INBOX_operator/);
      const plain = await runCli(['up', ...demo, join(folder.path, 'plain')]).ended;
      assert.equal(digestOf(stdout), digestOf(plain.stdout));
      assert.match(digestOf(stdout), /^digest streams [0-9a-f]{12} /);
    } finally {
      await folder.remove();
    }
  });
});
