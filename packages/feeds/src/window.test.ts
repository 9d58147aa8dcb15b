import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FeedRecord } from '@crunch-node/domain';
import fc from 'fast-check';
import { candleRecord } from './record.ts';
import { FeedWindow, withRecord } from './window.ts';

const key = { source: 'test', subject: 'BTCUSDT', kind: 'candle', granularity: '1m' };
const candle = (minute: number, close = 1): FeedRecord =>
  candleRecord(key, minute * 60_000, { open: close, high: close, low: close, close, volume: 0 });
const tick = (ts_event: number, ordinal: string): FeedRecord => ({ ...candle(1), kind: 'tick', ts_event, ordinal });
const minutes = (records: readonly FeedRecord[]): number[] => records.map(({ ts_event }) => ts_event / 60_000);

describe('a feed window', () => {
  it('keeps the newest records in order of their time, whatever order they came in', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 })), fc.integer({ min: 1, max: 12 }), (arrived, size) => {
        const window = new FeedWindow(size);
        for (const minute of arrived) window.add(candle(minute));
        const expected = [...new Set(arrived)].sort((a, b) => a - b).slice(-size);
        assert.deepEqual(minutes(window.of(key)), expected);
      }),
    ));

  it('lets the first of two records with one time win', () => {
    const window = new FeedWindow(3);
    window.add(candle(1, 10));
    window.add(candle(1, 20));
    assert.deepEqual(
      window.of(key).map(({ values }) => values.close),
      [10],
    );
  });

  it('keeps ticks apart that share a millisecond', () => {
    const window = [tick(5, 'a'), tick(5, 'b'), tick(4, 'c'), tick(5, 'a')].reduce<readonly FeedRecord[]>(
      (records, record) => withRecord(records, record, 10),
      [],
    );
    assert.deepEqual(
      window.map(({ ordinal }) => ordinal),
      ['c', 'a', 'b'],
    );
  });

  it('never changes what it gave away', () => {
    const window = new FeedWindow(2);
    const before = window.add(candle(1));
    window.add(candle(2));
    window.add(candle(3));
    assert.deepEqual(minutes(before), [1]);
    assert.deepEqual(minutes(window.of(key)), [2, 3]);
  });

  it('holds each feed apart and refuses a size that holds nothing', () => {
    const window = new FeedWindow(2);
    window.add(candle(1));
    assert.deepEqual(window.of({ ...key, subject: 'ETHUSDT' }), []);
    assert.throws(() => new FeedWindow(0), /at least 1, received 0/);
  });
});
