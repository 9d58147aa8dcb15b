import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { privateNats } from '@crunch-node/embedded/testing';
import { defineEvent, defineStream, instantOfMillis } from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import { connectLog } from './connect.ts';
import { freshNamespace } from './testing/toys.ts';

/** The same event in three versions: a price that became a text, then got a currency. */
const address = { id: ({ n }: { n: number }) => `priced:${n}`, natsSubject: () => 'prices.all' };
const One = defineEvent('Priced', { v: 1, data: Type.Object({ n: Type.Integer(), price: Type.Number() }), ...address });
const Three = defineEvent('Priced', {
  v: 3,
  data: Type.Object({ n: Type.Integer(), price: Type.String(), currency: Type.String() }),
  upcasters: {
    1: (data) => ({ ...data, price: String(data.price) }),
    2: (data) => ({ ...data, currency: 'USD' }),
  },
  ...address,
});
const streamOf = (definition: typeof One | typeof Three) => defineStream('PRICES', ['prices.*'], [definition]);

describe('events of earlier versions', () => {
  it('are upcast to the current version by every way of reading, and later versions are skipped', async () => {
    const server = await privateNats();
    const namespace = freshNamespace();
    const log = await connectLog({ url: server.url, namespace });
    try {
      const [old, current] = [streamOf(One), streamOf(Three)];
      await log.ensureStreams([old]);
      const publisher = log.publisher();
      const at = instantOfMillis(0);
      const published = One.at(at, { n: 1, price: 2.5 });
      await publisher.append(old, { event: published, natsSubject: 'prices.all' });
      const expected = { ...published, v: 3, data: { n: 1, price: '2.5', currency: 'USD' } };

      assert.deepEqual((await log.last(current, 'prices.all'))?.event, expected);
      for await (const { events } of log.read(current, { after: 0 })) {
        assert.deepEqual(events[0]?.event, expected);
        break;
      }

      const later = Three.at(at, { n: 2, price: '3', currency: 'EUR' });
      await publisher.append(current, { event: later, natsSubject: 'prices.all' });
      for await (const { events, unknown, lastSequence } of log.read(old, { after: 1 })) {
        assert.deepEqual([events.length, unknown, lastSequence], [0, 1, 2]);
        break;
      }
    } finally {
      await log.close();
      await server.stop();
    }
  });
});
