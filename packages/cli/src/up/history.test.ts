import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type EventLog, LogUnavailable } from '@crunch-node/eventlog';
import { feeds } from '@crunch-node/streams';
import { closedTo } from './history.ts';

const asking = (answer: () => Promise<null>) => {
  const stop = new AbortController();
  const log = { last: answer } as unknown as Pick<EventLog, 'last'>;
  return { stop, asked: closedTo(log, feeds, 'feeds.cycle', stop.signal) };
};

describe('whoever looks on while history is worked off', () => {
  it('outlasts a log that is away', async () => {
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
