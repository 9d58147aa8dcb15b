import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FeedRecord } from '@crunch-node/domain';
import fc from 'fast-check';
import { mergeRecords } from './merge.ts';
import { byAtAndKey, candleRecord } from './record.ts';

const candle = (subject: string, granularity: string, index: number): FeedRecord => {
  const lengthMs = granularity === '1m' ? 60_000 : 300_000;
  const bar = { open: 1, high: 1, low: 1, close: 1, volume: 0 };
  return candleRecord({ source: 'test', subject, kind: 'candle', granularity }, index * lengthMs, bar);
};

async function all(sources: readonly AsyncIterable<FeedRecord>[]): Promise<FeedRecord[]> {
  const records: FeedRecord[] = [];
  for await (const record of mergeRecords(sources)) records.push(record);
  return records;
}

describe('merging feeds', () => {
  it('gives one order, however the records are spread over sources', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            subject: fc.constantFrom('BTCUSDT', 'ETHUSDT', 'Ü/€', '𝒳'),
            granularity: fc.constantFrom('1m', '5m'),
            index: fc.nat({ max: 20 }),
            source: fc.nat({ max: 4 }),
          }),
        ),
        async (spread) => {
          const sources = Array.from({ length: 5 }, (): FeedRecord[] => []);
          for (const { subject, granularity, index, source } of spread) {
            sources[source]!.push(candle(subject, granularity, index));
          }
          const merged = await all(
            sources.map(async function* (records) {
              yield* records.sort(byAtAndKey);
            }),
          );
          assert.deepEqual(merged, sources.flat().sort(byAtAndKey));
        },
      ),
    ));

  it('closes its sources when the reader stops', async () => {
    const closed: number[] = [];
    const source = async function* (number: number): AsyncIterable<FeedRecord> {
      try {
        for (let index = 1; ; index++) yield candle('BTCUSDT', '1m', index);
      } finally {
        closed.push(number);
      }
    };
    for await (const _ of mergeRecords([source(1), source(2)])) break;
    assert.deepEqual(closed.sort(), [1, 2]);
  });
});
