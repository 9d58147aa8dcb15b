import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type EventLog, LogUnavailable } from '@crunch-node/eventlog';
import { feeds } from '@crunch-node/streams';
import { closedTo, timeLeft } from './history.ts';

const asking = (answer: () => Promise<null>) => {
  const stop = new AbortController();
  const log = { last: answer } as unknown as Pick<EventLog, 'last'>;
  return { stop, asked: closedTo(log, feeds, 'feeds.cycle', stop.signal) };
};

describe('the progress of history that is worked off', () => {
  it('continues after a log that was away', async () => {
    let times = 0;
    const { asked } = asking(async () => {
      times++;
      if (times < 3) throw new LogUnavailable('a question', 1);
      return null;
    });
    assert.equal(await asked, null);
    assert.equal(times, 3);
  });

  it('can be stopped meanwhile, and hides no other fault', async () => {
    const { stop, asked } = asking(() => Promise.reject(new LogUnavailable('a question', 1)));
    stop.abort();
    await assert.rejects(asked, { name: 'AbortError' });
    await assert.rejects(asking(() => Promise.reject(new RangeError('broken'))).asked, RangeError);
  });
});

describe('the time a replay still takes', () => {
  it('is estimated from the progress of this run since its first measurement', () => {
    const resumed = { done: 900, seconds: 10 };
    assert.equal(timeLeft(resumed, 950, 1_000, 20), '10 s left');
    assert.equal(timeLeft({ done: 0, seconds: 0 }, 10, 1_000, 10), '17 min left');
  });

  it('is not shown while it is unknown, nor at the end', () => {
    assert.equal(timeLeft(null, 50, 100, 10), '');
    assert.equal(timeLeft({ done: 50, seconds: 1 }, 50, 100, 10), '');
    assert.equal(timeLeft({ done: 50, seconds: 1 }, 100, 100, 10), '');
  });
});
