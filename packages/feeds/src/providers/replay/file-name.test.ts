import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keyFromName } from './file-name.ts';

describe('the name of a file', () => {
  it('gives its feed', () => {
    const btc = { source: 'binance', subject: 'BTCUSDT' };
    assert.deepEqual(keyFromName('/x/binance_spot_btcusdt_1m_202401.csv.gz'), {
      ...btc,
      kind: 'candle',
      granularity: '1m',
    });
    assert.deepEqual(keyFromName('binance_spot_btcusdt_trades_20240808.csv'), {
      ...btc,
      kind: 'tick',
      granularity: 'tick',
    });
    assert.deepEqual(keyFromName('/d/binance/BTCUSDT/candle/1m/2026-11-21.parquet'), {
      ...btc,
      kind: 'candle',
      granularity: '1m',
    });
    assert.deepEqual(keyFromName('prices.csv'), {});
  });
});
