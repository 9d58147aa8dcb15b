import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { bufferDays, openDuck, openFeedArchive } from '@crunch-node/archive';
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
    values: { price: 40_000 + i / 3, quantity: i / 7, side: 'buy, "or" sell', more: { big: '9007199254740993' } },
    metadata: { note: 'a\nb' },
  }),
);
const rates = Array.from(
  { length: 20 },
  (_, i): FeedRecord => ({
    ...key,
    kind: 'funding',
    granularity: '1s',
    at: instantOfMillis(DAY + i * 1000),
    ts_event: DAY + i * 1000,
    values: { funding_rate: i / 1e6, mark_price: null, index_price: 0.30000000000000004 },
    ...(i % 2 && { metadata: { settled: true } }),
  }),
);

/** Fetched records can be replayed to models: the same records, to the last bit. */
describe('an archive', () => {
  for (const [kind, records, granularity] of [
    ['candle', candles, '1m'],
    ['tick', trades, '1s'],
    ['funding', rates, '1s'],
  ] as const) {
    it(`replays the ${kind} records that were put in`, async () => {
      const folder = await tempDir('crunch-replayed-');
      const duck = openDuck(folder.path, { threads: 1, memoryMb: 128 });
      try {
        const buffer = bufferDays(duck, folder.path);
        buffer.add([...records].reverse());
        await buffer.flush();
        const replay = async (data: string): Promise<FeedRecord[]> => {
          const subjects = ['BTCUSDT'];
          const feed = { provider: 'replay', subjects, kind, granularity, window: 120, backfill_minutes: 180 };
          const provider = createProvider({ ...feed, options: { data } });
          const replayed: FeedRecord[] = [];
          if (provider.pace === 'replay') for await (const record of provider.records()) replayed.push(record);
          return replayed;
        };
        assert.deepEqual(await replay(folder.path), records);
        const archive = openFeedArchive({ root: folder.path });
        const plan = await archive.plan({ feed: { ...key, kind, granularity }, limit: 10_000 });
        const csv = join(folder.path, 'download.csv');
        await writeFile(csv, archive.bytes(plan, 'csv'));
        assert.deepEqual(await replay(csv), records);
        const parquet = await archive.parquet(plan);
        assert.deepEqual(await replay(parquet.file), records);
        await parquet.remove();
        await archive.close();
      } finally {
        duck.close();
        await folder.remove();
      }
    });
  }
});
