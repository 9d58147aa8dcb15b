import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunnerStatus } from '@crunch-node/streams';
import fc from 'fast-check';
import { nextStrikes, noStrikes, recordedStrikes, type Strikes, shouldSkip, strikeOut } from './strikes.ts';

/** Rounds of a model: calls it unless it is cooling down. */
function play(rounds: number, answer: RunnerStatus): { strikes: Strikes; calls: number } {
  let strikes = noStrikes;
  let calls = 0;
  for (let round = 0; round < rounds; round++) {
    const asked = shouldSkip(strikes);
    if (!asked.skip) calls += 1;
    strikes = nextStrikes(asked.strikes, asked.skip ? 'TIMEOUT' : answer);
  }
  return { strikes, calls };
}

const status = fc.constantFrom<RunnerStatus>('SUCCESS', 'FAILED', 'TIMEOUT');

describe('strikes', () => {
  it('really calls a model that always times out twice in five rounds', () => {
    const { strikes, calls } = play(5, 'TIMEOUT');
    assert.equal(calls, 2);
    assert.equal(strikes.timeouts, 5);
  });

  it('never skips a model that responds, successfully or not', () => {
    assert.equal(play(50, 'SUCCESS').calls, 50);
    assert.equal(play(50, 'FAILED').calls, 50);
  });

  it('gives up with the 101st', () => {
    assert.equal(strikeOut(play(100, 'FAILED').strikes), null);
    assert.equal(strikeOut(play(101, 'FAILED').strikes), 'MULTIPLE_FAILED');
    assert.equal(strikeOut(play(100, 'TIMEOUT').strikes), null);
    assert.equal(strikeOut(play(101, 'TIMEOUT').strikes), 'MULTIPLE_TIMEOUT');
  });

  it('keeps failures and time-outs apart, and forgets both after a success', () => {
    const fold = (...statuses: RunnerStatus[]) => statuses.reduce(nextStrikes, noStrikes);
    assert.deepEqual(fold('FAILED', 'TIMEOUT', 'FAILED'), { failures: 2, timeouts: 1, cooldown: 0 });
    assert.deepEqual(fold('FAILED', 'TIMEOUT', 'SUCCESS'), noStrikes);
  });

  it('is rebuilt from what was recorded, skipped calls included', () => {
    fc.assert(
      fc.property(fc.array(status), (answers) => {
        let live = noStrikes;
        const recorded: RunnerStatus[] = [];
        for (const answer of answers) {
          const asked = shouldSkip(live);
          const statuses = asked.skip ? 'TIMEOUT' : answer;
          live = nextStrikes(asked.strikes, statuses);
          recorded.push(statuses);
        }
        assert.deepEqual(recorded.reduce(recordedStrikes, noStrikes), live);
      }),
    );
  });
});
