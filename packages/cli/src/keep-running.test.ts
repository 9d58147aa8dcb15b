import assert from 'node:assert/strict';
import { it } from 'node:test';
import { until } from '@crunch-node/embedded/testing';
import { keepRunning } from './keep-running.ts';

it('starts a server again that has ended, until it succeeds, and not after it was stopped', async () => {
  const output: string[] = [];
  let running = false;
  let attempts = 0;
  const server = {
    get running() {
      return running;
    },
    async restart() {
      attempts++;
      if (attempts === 1) throw new Error('no space left on device\nand more');
      running = true;
    },
  };
  const stop = keepRunning('Postgres', server, (line) => output.push(line));
  await until('it to be back', () => running);
  await stop();
  running = false;
  // By the time a second watcher, which began later, has restarted its server, the first would have too.
  let isOtherBack = false;
  const other = {
    get running() {
      return isOtherBack;
    },
    async restart() {
      isOtherBack = true;
    },
  };
  const stopOther = keepRunning('another', other, () => undefined);
  await until('the other to be back', () => isOtherBack);
  await stopOther();
  assert.equal(attempts, 2);
  assert.deepEqual(output, [
    'Postgres has ended by itself: starting it again',
    'Postgres does not start, trying again in 0.5 s: no space left on device',
    'Postgres is back',
  ]);
});
