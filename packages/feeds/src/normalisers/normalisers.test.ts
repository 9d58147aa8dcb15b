import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FeedRecord } from '@crunch-node/domain';
import { instantOfMillis } from '@crunch-node/streams';
import { normaliserFor } from './index.ts';

const record = (kind: string, ts_event: number, values: FeedRecord['values']): FeedRecord => ({
  source: 'test',
  subject: 'BTCUSDT',
  kind,
  granularity: '5m',
  at: instantOfMillis(ts_event),
  ts_event,
  values,
});

describe('the candle normaliser', () => {
  const normalise = normaliserFor('candle', 'candle');

  it('gives whole seconds under candles_1m whatever the granularity', () =>
    assert.deepEqual(
      normalise('BTC', [record('candle', 1_767_225_600_999, { open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 })]),
      {
        symbol: 'BTC',
        asof_ts: 1_767_225_600,
        candles_1m: [{ ts: 1_767_225_600, open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 }],
      },
    ));

  it('makes a candle of a bare price and skips records without one', () =>
    assert.deepEqual(
      normalise('BTC', [
        record('candle', 1_000, { price: 7 }),
        record('candle', 2_000, { close: 'high' }),
        record('kline', 3_000, { close: 8 }),
      ]),
      { symbol: 'BTC', asof_ts: 1, candles_1m: [{ ts: 1, open: 7, high: 7, low: 7, close: 7, volume: 0 }] },
    ));

  it('gives no candles for an empty window', () =>
    assert.deepEqual(normalise('BTC', []), { symbol: 'BTC', asof_ts: 0, candles_1m: [] }));
});

describe('the tick normaliser', () => {
  it('takes the price, else the close', () =>
    assert.deepEqual(
      normaliserFor('tick')('BTC', [
        record('tick', 1_500, { price: 2, close: 3 }),
        record('tick', 2_500, { close: 4 }),
        record('candle', 3_500, { close: 5 }),
      ]),
      {
        symbol: 'BTC',
        asof_ts: 2,
        ticks: [
          { ts: 1, price: 2 },
          { ts: 2, price: 4 },
        ],
      },
    ));
});

describe('candles made of ticks', () => {
  const normalise = normaliserFor('candle_from_tick', 'tick');
  const minute = 5 * 60_000;

  it('have one candle for every granularity with a tick, the newest one unfinished', () =>
    assert.deepEqual(
      normalise('BTC', [
        record('tick', minute, { price: 10, quantity: 1 }),
        record('tick', minute + 1, { price: 12, quantity: 2 }),
        record('tick', 2 * minute - 1, { price: 9 }),
        record('candle', 2 * minute - 1, { close: 99 }),
        record('tick', 2 * minute - 1, { price: 'none' }),
        record('tick', 4 * minute + 7, { price: 11 }),
      ]),
      {
        symbol: 'BTC',
        asof_ts: 1_200,
        candles_1m: [
          { ts: 300, open: 10, high: 12, low: 9, close: 9, volume: 3 },
          { ts: 1_200, open: 11, high: 11, low: 11, close: 11, volume: 0 },
        ],
      },
    ));

  it('are of a minute where the granularity is no length of time', () =>
    assert.deepEqual(
      normalise('BTC', [{ ...record('tick', 61_000, { price: 3 }), granularity: 'event' }]).asof_ts,
      60,
    ));
});

describe('choosing a normaliser', () => {
  it('refuses an unknown name with the known ones', () =>
    assert.throws(() => normaliserFor('candles'), /candle, candle_from_tick, tick, received "candles"/));
  it('refuses a kind of which no normaliser could use a record', () =>
    assert.throws(() => normaliserFor('candle', 'tick'), { name: 'UnfitFeedKind' }));
});
