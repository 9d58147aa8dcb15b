import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runCli } from '../testing/run-cli.ts';

it('the tournament demo runs a round, scores it and pays rewards', { timeout: 120_000 }, async () => {
  const { code, stdout, stderr } = await runCli(['up', '--demo', '--pack', 'tournament', '--once', '--port', '0'])
    .ended;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Round demo-1\n/);
  assert.match(stdout, /1 {2}location +local-dev +0\.895822/);
  assert.match(stdout, /Newest checkpoint\n.*CKP_/);
});
