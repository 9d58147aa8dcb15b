import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { keepRunning } from './keep-running.ts';

it('starts a server again that has ended, until it succeeds, and not after it was told to stop', async () => {
  const said: string[] = [];
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
  const stop = keepRunning('Postgres', server, (line) => said.push(line));
  while (!running) await delay(20);
  await stop();
  running = false;
  await delay(0);
  assert.equal(attempts, 2);
  assert.deepEqual(said, [
    'Postgres has ended by itself: starting it again',
    'Postgres does not start, trying again in 0.5 s: no space left on device',
    'Postgres is back',
  ]);
});
