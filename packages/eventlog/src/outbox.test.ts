import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createOutbox } from './outbox.ts';

/** A client that records what it is given to send. */
function given() {
  const sent: string[] = [];
  const client = {
    info: {} as never,
    publish(natsSubject: string) {
      if (natsSubject === 'too.large') throw new RangeError('too large');
      sent.push(natsSubject);
    },
  };
  const notSent: string[] = [];
  const outbox = createOutbox(client);
  const send = (natsSubject: string): void =>
    outbox.send(natsSubject, new Uint8Array(), {}, (error) =>
      notSent.push(`${natsSubject}: ${error?.message ?? 'dropped'}`),
    );
  return { client, sent, notSent, send };
}

describe('outbox', () => {
  it('sends what came in one turn of the event loop together, in order', async () => {
    const { sent, send } = given();
    for (const natsSubject of ['a', 'b', 'c']) {
      send(natsSubject);
      await null;
    }
    assert.deepEqual(sent, []);
    await nextTurn();
    assert.deepEqual(sent, ['a', 'b', 'c']);
    send('d');
    await nextTurn();
    assert.deepEqual(sent, ['a', 'b', 'c', 'd']);
  });

  it('drops what was to leave on a connection that was lost', async () => {
    const { client, sent, notSent, send } = given();
    send('a');
    client.info = {} as never;
    send('b');
    await nextTurn();
    assert.deepEqual({ sent, notSent }, { sent: ['b'], notSent: ['a: dropped'] });
  });

  it('reports a message the client does not take, and sends the others', async () => {
    const { sent, notSent, send } = given();
    for (const natsSubject of ['a', 'too.large', 'b']) send(natsSubject);
    await nextTurn();
    assert.deepEqual({ sent, notSent }, { sent: ['a', 'b'], notSent: ['too.large: too large'] });
  });
});
