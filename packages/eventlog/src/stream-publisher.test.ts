import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppendRefused, FencedError, StreamFullError } from './errors.ts';
import { eventHeaders } from './headers.ts';
import { type Entry, StreamPublisher, type StreamPublisherContext } from './stream-publisher.ts';

const OPTIONS = { maxInFlight: 3, maxInFlightBytes: 1_000, ackTimeoutMs: 5_000, silentMs: 30_000 };

/** A stream publisher on a connection that only records what is sent: ids, each retry with its attempt as suffix. */
function given(options: Partial<typeof OPTIONS> = {}) {
  const sent: string[] = [];
  const outcomes: string[] = [];
  const network = { connected: true, generation: {} as object | undefined };
  let stored: { id: string; sequence: number } | null = null;
  const entries = new Map<string, Entry>();
  const context = {
    connection: {
      get connected() {
        return network.connected;
      },
      get generation() {
        return network.generation;
      },
      outbox: { send: (_: string, __: Uint8Array, { reply }: { reply: string }) => void sent.push(reply) },
    },
    replyFor: ({ eventId, attempts }: Entry) => (attempts === 1 ? eventId : `${eventId}/${attempts}`),
    settled: () => undefined,
    lookups: { lastMessage: async () => stored, exists: async () => true },
  } as unknown as StreamPublisherContext;
  const publisher = new StreamPublisher('SUMS', context, { ...OPTIONS, ...options });
  return {
    publisher,
    sent,
    outcomes,
    network,
    stores: (id: string, sequence: number) => {
      stored = { id, sequence };
    },
    add(...ids: readonly string[]) {
      for (const [i, id] of ids.entries()) {
        const entry: Entry = {
          number: i,
          streamPublisher: publisher,
          eventId: id,
          natsSubject: `sums.${id}`,
          payload: new Uint8Array(1),
          headers: eventHeaders(id).headers,
          bytes: 100,
          guarded: true,
          resolve: ({ sequence, duplicate }) => outcomes.push(`${id} at ${sequence}${duplicate ? ' again' : ''}`),
          reject: ({ name }) => outcomes.push(`${id} ${name}`),
          attempts: 0,
          sentAt: 0,
          settled: false,
          foreign: false,
        };
        entries.set(id, entry);
        publisher.add(entry);
      }
    },
    answer(id: string, body: object, attempt = 1) {
      publisher.answered(entries.get(id)!, attempt, {
        data: new TextEncoder().encode(JSON.stringify(body)),
      } as Parameters<StreamPublisher['answered']>[2]);
    },
  };
}

const at = (seq: number, duplicate = false) => ({ stream: 'SUMS', seq, ...(duplicate && { duplicate }) });
const WRONG_SEQUENCE = { error: { code: 400, err_code: 10071, description: 'wrong last sequence: 4' } };
const FULL = { error: { code: 400, err_code: 10077, description: 'maximum bytes exceeded' } };

describe('the publisher of one stream', () => {
  it('sends a single message until the stream has responded, then as many as may be in flight', () => {
    const { add, answer, sent, outcomes } = given();
    add('a', 'b', 'c', 'd', 'e');
    assert.deepEqual(sent, ['a']);
    answer('a', at(1));
    assert.deepEqual(sent, ['a', 'b', 'c', 'd']);
    answer('c', at(3));
    assert.deepEqual(sent, ['a', 'b', 'c', 'd', 'e']);
    assert.deepEqual(outcomes, ['a at 1', 'c at 3']);
  });

  it('limits the bytes in flight', () => {
    const { add, answer, sent } = given({ maxInFlightBytes: 150 });
    add('a', 'b', 'c', 'd');
    answer('a', at(1));
    assert.deepEqual(sent, ['a', 'b', 'c'], 'it stops behind the one that fills the room');
  });

  it('resends everything unacknowledged when the connection changes, from the oldest, starting with a single message', () => {
    const { add, answer, sent, outcomes, network, publisher } = given();
    add('a', 'b', 'c', 'd');
    answer('a', at(1));
    answer('c', at(3));
    network.generation = {};
    publisher.sendNext();
    assert.deepEqual(sent, ['a', 'b', 'c', 'd', 'b/2']);
    answer('b', at(2, true), 2);
    assert.deepEqual(sent, ['a', 'b', 'c', 'd', 'b/2', 'd/2']);
    assert.deepEqual(outcomes, ['a at 1', 'c at 3', 'b at 2 again'], 'a retry that met itself is stored');
  });

  it('sends nothing while there is no connection', () => {
    const { add, sent, network, publisher } = given();
    network.connected = false;
    add('a');
    assert.deepEqual(sent, []);
    network.connected = true;
    publisher.sendNext();
    assert.deepEqual(sent, ['a']);
  });

  it('treats a duplicate or a conflict on a first attempt as another owner', () => {
    for (const body of [at(4, true), WRONG_SEQUENCE]) {
      const { add, answer, outcomes } = given();
      add('a');
      answer('a', body);
      assert.deepEqual(outcomes, [`a ${FencedError.name}`]);
    }
  });

  it('checks on a conflict of a retry whether the last message is its own', async () => {
    for (const [id, outcome] of [
      ['a', 'a at 4 again'],
      ['other', `a ${FencedError.name}`],
    ] as const) {
      const { add, answer, outcomes, stores, network, publisher } = given();
      stores(id, 4);
      add('a');
      network.generation = {};
      publisher.sendNext();
      answer('a', WRONG_SEQUENCE, 2);
      await new Promise(setImmediate);
      assert.deepEqual(outcomes, [outcome]);
    }
  });

  it('refuses unsent messages when the stream is full, and waits for the responses of those in flight', () => {
    const { add, answer, outcomes } = given();
    add('a', 'b', 'c', 'd', 'e');
    answer('a', at(1));
    answer('b', FULL);
    add('f');
    answer('c', at(2));
    answer('d', FULL);
    assert.deepEqual(outcomes, [
      'a at 1',
      ...['b', 'e', 'f'].map((id) => `${id} ${StreamFullError.name}`),
      'c at 2',
      `d ${StreamFullError.name}`,
    ]);
    add('g');
    answer('g', at(3));
    assert.equal(outcomes.at(-1), 'g at 3', 'there may be room again');
  });

  it('resends when a response takes too long, and gives up after a long silence', () => {
    const { add, sent, outcomes, publisher } = given();
    add('a');
    publisher.checkOverdue(performance.now());
    assert.deepEqual(sent, ['a']);
    publisher.checkOverdue(performance.now() + 6_000);
    assert.deepEqual(sent, ['a', 'a/2']);
    publisher.checkOverdue(performance.now() + 60_000);
    assert.deepEqual(outcomes, ['a StreamSilent']);
  });

  it('refuses what may not be published, and continues with the rest', () => {
    const { add, outcomes, sent, publisher } = given();
    add('a', 'b');
    publisher.denied('sums.a');
    assert.deepEqual(outcomes, [`a ${AppendRefused.name}`]);
    assert.deepEqual(sent, ['a', 'b']);
  });

  it('rejects everything unacknowledged when abandoned, and ignores late responses', () => {
    const { add, answer, outcomes, publisher } = given();
    add('a', 'b');
    publisher.abandon();
    answer('a', at(1));
    assert.deepEqual(outcomes, ['a LogClosed', 'b LogClosed']);
  });
});
