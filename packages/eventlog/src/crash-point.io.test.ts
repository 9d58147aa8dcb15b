import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { armCrashPoint, crashPoint, NoCrashPoint } from './crash-point.ts';

const here = new URL('./crash-point.ts', import.meta.url).href;

/** Reaches `stored` three times in a process of its own. */
function passes(armedWith: string | undefined, env: NodeJS.ProcessEnv = {}) {
  const code = `
    const { armCrashPoint, crashPoint } = await import(${JSON.stringify(here)});
    armCrashPoint(${JSON.stringify(armedWith)});
    for (const n of [1, 2, 3]) { crashPoint('stored'); require('node:fs').writeSync(1, String(n)); }`;
  const script = `(async () => {${code}})()`;
  const args = ['--import', 'tsx', '-e', script];
  const { signal, status, stdout } = spawnSync(process.execPath, args, { env: { ...process.env, ...env } });
  return { signal, status, passed: stdout.toString() };
}

describe('a crash point', () => {
  it('does nothing unless armed on the command line, whatever the environment', () => {
    crashPoint('stored');
    assert.deepEqual(passes(undefined, { CRUNCH_CRASH_AT: 'stored' }), { signal: null, status: 0, passed: '123' });
  });

  it('ends the process at the requested occurrence, at once', () =>
    assert.deepEqual(passes('stored:2'), { signal: 'SIGKILL', status: null, passed: '1' }));

  it('does not end the process at other crash points', () => assert.equal(passes('committed').passed, '123'));

  it('rejects unknown names and counts', () => {
    for (const text of ['', 'nowhere', 'stored:0', 'stored:x', 'stored:1:1', ':1'])
      assert.throws(() => armCrashPoint(text), NoCrashPoint, text);
  });
});
