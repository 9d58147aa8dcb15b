import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { batchIsDue, type Due } from './batch-due.ts';
import { type Delivered, type ReadSession, Waiting } from './session.ts';

const never = 600_000;
const message = { payload: new Uint8Array(1) } as Delivered;

/** Looks for a batch in a session with one message. */
function given(due: Partial<Due>, newestPending = 0) {
  const waiting = new Waiting();
  const session: ReadSession = {
    waiting,
    newestPending,
    failed: null,
    wake: () => undefined,
    take: (count) => waiting.take(count),
    close: () => undefined,
  };
  const arrive = (): void => {
    waiting.push(message, performance.now());
    session.wake();
  };
  arrive();
  const stop = new AbortController();
  const deliveredAt = performance.now();
  const answer = batchIsDue(session, {
    maxEvents: 10,
    maxWaitMs: never,
    quietMs: never,
    deliveredAt,
    signal: stop.signal,
    ...due,
  });
  const within = (ms: number): Promise<boolean | 'waits'> => Promise.race([answer, delay(ms, 'waits' as const)]);
  return { arrive, within, stop };
}

describe('a batch', () => {
  it('is due when it is full', async () => {
    const { arrive, within } = given({ maxEvents: 2 });
    assert.equal(await within(5), 'waits');
    arrive();
    assert.equal(await within(1_000), true);
  });

  it('is due at the end of the stream when nothing follows for a while, however long it may wait', async () => {
    const { within } = given({ quietMs: 10 });
    assert.equal(await within(1_000), true);
  });

  it('waits while messages follow, and while the stream has more', async () => {
    const { arrive, within, stop } = given({ quietMs: 100 });
    for (let turn = 0; turn < 8; turn++) {
      assert.equal(await within(20), 'waits');
      arrive();
    }
    stop.abort();
    const more = given({ quietMs: 5 }, 100);
    assert.equal(await more.within(20), 'waits');
    more.stop.abort();
  });

  it('is due when its first message has waited for long enough', async () => {
    const { arrive, within } = given({ maxWaitMs: 30 }, 100);
    arrive();
    assert.equal(await within(1_000), true);
  });
});
