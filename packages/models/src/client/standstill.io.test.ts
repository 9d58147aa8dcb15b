import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { localModel, openWorld, predict } from '../testing/world.ts';
import { standstillMs } from './standstill.ts';

/** Nothing of this process runs meanwhile. */
const standStill = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

describe('time in which the process did not run', () => {
  it('is counted once, from the moment it is over', async () => {
    const before = standstillMs();
    standStill(500);
    assert.ok(standstillMs() - before >= 400, `${standstillMs() - before}`);
    await delay(60); // a timer that is due after the next tick: it has been counted then, and once
    assert.ok(standstillMs() - before >= 400, `${standstillMs() - before}`);
  });

  it('excuses a model that never answers a few times only, however often the process stands still', async (t) => {
    let asked = 0;
    class Silent {
      cancelled = new AbortController().signal;
      beginCall(cancelled: AbortSignal): void {
        this.cancelled = cancelled;
      }
      async predict(): Promise<void> {
        asked += 1;
        standStill(300);
        await new Promise((resolve) => this.cancelled.addEventListener('abort', resolve, { once: true }));
      }
    }
    const { pool } = await openWorld(t, [localModel('1', () => new Silent())]);
    await pool.settled(['1'], AbortSignal.timeout(20_000));
    const answer = await pool.call('1', predict, { deadlineMs: 400, patient: true });
    assert.deepEqual([answer.status, asked], ['TIMEOUT', 3]);
  });

  it('is not counted as time a model took: a patient caller repeats the call', async (t) => {
    let asked = 0;
    const create = () => ({
      predict() {
        asked += 1;
        if (asked === 1) standStill(1_500);
        return asked;
      },
    });
    const { pool } = await openWorld(t, [localModel('1', create)]);
    await pool.settled(['1'], AbortSignal.timeout(20_000));
    const answer = await pool.call('1', predict, { deadlineMs: 1_000, patient: true });
    assert.deepEqual([answer.status, answer.result], ['SUCCESS', 2]);
  });
});
