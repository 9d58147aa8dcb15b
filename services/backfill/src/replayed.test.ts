import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bufferDays, openDuck } from '@crunch-node/archive';
import type { FeedRecord } from '@crunch-node/domain';
import { tempDir } from '@crunch-node/embedded';
import { candleRecord, createProvider } from '@crunch-node/feeds';
import { instantOfMillis } from '@crunch-node/streams';

const DAY = Date.parse('2024-01-02T00:00:00Z');
const key = { source: 'binance', subject: 'BTCUSDT', granularity: '1m' };

const candles = Array.from({ length: 1_500 }, (_, i) => {
  const price = 40_000 + Math.sin(i) * 100;
  const bar = { open: price, high: price + 0.1, low: price - 0.1, close: price + 0.05, volume: i / 7 };
  return candleRecord({ ...key, kind: 'candle' }, DAY + i * 60_000, bar);
});
const trades = Array.from(
  { length: 500 },
  (_, i): FeedRecord => ({
    ...key,
    kind: 'tick',
    granularity: '1s',
    at: instantOfMillis(DAY + Math.floor(i / 3)),
    ts_event: DAY + Math.floor(i / 3),
    ordinal: String(900 + i),
    values: { price: 40_000 + i / 3, qty: i / 7 },
  }),
);

/** What was fetched can be played to models: the same records, to the last bit. */
describe('an archive', () => {
  for (const [kind, records, granularity] of [
    ['candle', candles, '1m'],
    ['tick', trades, '1s'],
  ] as const) {
    it(`replays the ${kind} records that were put in`, async () => {
      const folder = await tempDir('crunch-replayed-');
      const duck = openDuck(folder.path, { threads: 1, memoryMb: 128 });
      try {
        const buffer = bufferDays(duck, folder.path);
        buffer.add([...records].reverse());
        await buffer.flush();
        const provider = createProvider({
          provider: 'replay',
          subjects: ['BTCUSDT'],
          kind,
          granularity,
          window: 120,
          backfill_minutes: 180,
          options: { data: folder.path },
        });
        assert.equal(provider.pace, 'replay');
        const replayed: FeedRecord[] = [];
        if (provider.pace === 'replay') for await (const record of provider.records()) replayed.push(record);
        assert.deepEqual(replayed, records);
      } finally {
        duck.close();
        await folder.remove();
      }
    });
  }
});
