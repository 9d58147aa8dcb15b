import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LogWentBackwards, NotPermitted, WrongCredentials } from '@crunch-node/eventlog';
import type { SignalsClient } from './connect-signals.ts';
import type { Signal, SignalsOptions } from './read-signals.ts';
import { closed, minute, type Newsroom, openNewsroom, signalled } from './testing/newsroom.ts';

/** The first events of an iteration. */
async function first(client: SignalsClient, count: number, options: SignalsOptions): Promise<Signal[]> {
  const read: Signal[] = [];
  for await (const signal of client.signals(options)) if (read.push(signal) === count) break;
  return read;
}

const valuesOf = (read: readonly Signal[]) => read.map(({ data }) => data.value);

describe('a subscriber of signals', () => {
  let room: Newsroom;
  let client: SignalsClient;
  before(async () => {
    room = await openNewsroom('acme');
    await room.publish(
      signalled(1),
      signalled(1, { scope_key: 'eth/5 m' }),
      closed(1),
      signalled(2, { name: 'top.10' }),
      signalled(2),
      closed(2),
      signalled(0), // its cycle is already closed, so it is late and skipped
      signalled(3, { weight: 0.25 }),
    );
    client = await room.subscriber();
  });
  after(async () => {
    await client.close();
    await room.stop();
  });

  it('reads signals in order, without late ones', async () => {
    const read = await first(client, 5, { since: 'start' });
    assert.deepEqual(
      read.map(({ sequence, data }) => [sequence, data.name, data.scope_key, data.value]),
      [
        [1, 'main', 'btc', 1],
        [2, 'main', 'eth/5 m', 1],
        [4, 'top.10', 'btc', 2],
        [5, 'main', 'btc', 2],
        [8, 'main', 'btc', 3],
      ],
    );
    assert.equal(read[0]?.id, signalled(1).event.id);
    assert.deepEqual(read[0]?.data, signalled(1).event.data);
  });

  it('reads one ensemble, or one scope', async () => {
    assert.deepEqual(valuesOf(await first(client, 3, { since: 'start', ensemble: 'main', scope: 'btc' })), [1, 2, 3]);
    assert.deepEqual(valuesOf(await first(client, 1, { since: 'start', ensemble: 'top.10' })), [2]);
    assert.deepEqual(valuesOf(await first(client, 1, { since: 'start', scope: 'eth/5 m' })), [1]);
  });

  it('continues after any signal without gap or repetition', async () => {
    const all = await first(client, 5, { since: 'start' });
    for (let sequence = 0; sequence < 8; sequence++) {
      const rest = all.filter((signal) => signal.sequence > sequence);
      assert.deepEqual(await first(client, rest.length, { since: { after: sequence } }), rest, `after ${sequence}`);
    }
  });

  it('begins with the rounds of a given time', async () => {
    const read = (time: Date | string, count: number) => first(client, count, { since: { time } });
    assert.deepEqual(valuesOf(await read(minute(2), 3)), [2, 2, 3]);
    assert.deepEqual(valuesOf(await read(new Date(minute(2).replace('000Z', 'Z')), 3)), [2, 2, 3]);
    assert.deepEqual(valuesOf(await read('2024-01-01T00:02:00.000001Z', 1)), [3]);
    assert.deepEqual(valuesOf(await read('1999-01-01T00:00:00.000000Z', 5)), [1, 1, 2, 2, 3]);
    await assert.rejects(read('yesterday', 1), RangeError);
    await assert.rejects(read(new Date(Number.NaN), 1), RangeError);
  });

  it('reads signals published from now on, and stops when aborted', async () => {
    const ending = new AbortController();
    const reading = client.signals({ signal: ending.signal });
    const next = reading.next();
    // "Now" is the time of its first request; request and publish go to the same server, one after the other.
    await client.weights('main');
    await room.publish(signalled(4));
    assert.equal((await next).value?.data.value, 4);
    const last = reading.next();
    ending.abort();
    assert.equal((await last).done, true);
  });

  it('skips unknown and malformed messages', async () => {
    const { event } = signalled(5);
    await room.publish(
      { event: { ...event, id: 'new', type: 'SomethingNew' }, natsSubject: 'signals.ensemble.main.btc' },
      { event: { ...event, id: 'newer', v: 99 }, natsSubject: 'signals.ensemble.main.btc' },
      { event: { ...event, id: 'odd', data: {} }, natsSubject: 'signals.ensemble.main.btc' },
      signalled(5),
    );
    assert.deepEqual(valuesOf(await first(client, 1, { since: { time: minute(5) } })), [5]);
  });

  it('returns the weights of the newest signal', async () => {
    assert.equal(await client.weights('nobody'), null);
    assert.deepEqual(await client.weights('top.10'), {
      ensemble: 'top.10',
      weights: { a: 0.5, b: 0.5 },
      weights_cycle_end: null,
      performed_at: minute(2),
    });
  });

  it('fails at once with the reason when it cannot connect or read', async () => {
    await assert.rejects(room.subscriber({ pass: 'wrong' }), WrongCredentials);
    await assert.rejects(room.subscriber({ inboxPrefix: '_INBOX' }), NotPermitted);
    await assert.rejects(room.subscriber({ namespace: 'other' }), NotPermitted);
    await assert.rejects(first(client, 1, { since: { after: -1 } }), RangeError);
    await assert.rejects(first(client, 1, { since: { after: 10_000 } }), LogWentBackwards);
  });

  it('takes user and password from the address', async () => {
    const url = room.server.url.replace('//', '//signals:signals-password@');
    const { connectSignals } = await import('./index.ts');
    const other = await connectSignals({ url, namespace: 'acme' });
    assert.equal((await first(other, 1, { since: 'start' })).length, 1);
    await other.close();
  });
});

describe('a subscriber whose server restarts', () => {
  it('receives every signal exactly once', async () => {
    const room = await openNewsroom();
    const states: string[] = [];
    const client = await room.subscriber({ onStatus: ({ state }) => states.push(state) });
    const total = 400;
    const publishing = (async () => {
      for (let n = 1; n <= total; n++) {
        await room.publish(signalled(n), ...(n % 10 === 0 ? [closed(n)] : []));
        if (n % 100 === 50) {
          await room.server.kill();
          await room.server.restart();
        }
      }
    })();
    const read = await first(client, total, { since: 'start' });
    await publishing;
    assert.deepEqual(
      valuesOf(read),
      Array.from({ length: total }, (_, i) => i + 1),
    );
    assert.ok(states.includes('reconnected'));
    await client.close();
    await room.stop();
  });
});
