import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  absentPredictionId,
  checkpointId,
  cycleId,
  inputId,
  leaderboardId,
  predictionId,
  safeKey,
  scoreId,
  snapshotId,
} from './ids.ts';
import { roundDecimals } from './round-decimals.ts';

const at = '2026-01-05T10:00:00.123999Z';

describe('record ids', () => {
  it('consist of what they identify and its time', () => {
    assert.equal(predictionId('m1', 'BTC-60', at), 'PRE_m1_BTC-60_20260105_100000.123');
    assert.equal(absentPredictionId('m1', 'a/b c', at), 'ABS_m1_a_b_c_20260105_100000.123');
    assert.equal(scoreId('PRE_1'), 'SCR_PRE_1');
    assert.equal(snapshotId('m1', at), 'SNAP_m1_20260105_100000');
    assert.equal(leaderboardId(at), 'LBR_20260105_100000.123');
    assert.equal(checkpointId(at), 'CKP_20260105_100000');
    assert.equal(cycleId(at), 'CYC_20260105_100000_123999');
    const feed = { source: 'binance', subject: 'BTC/USDT', kind: 'candle', granularity: '1m' };
    assert.equal(inputId(feed, at), 'INP_binance_BTC_USDT_candle_1m_20260105_100000.123');
  });

  it('keep letters of every script', () => assert.equal(safeKey('モデル:α 9_-😀'), 'モデル_α_9_-_'));
});

describe('rounding to decimals', () => {
  it('goes by the exact value, exact halves to even', () => {
    const cases: [number, number, number][] = [
      [0.125, 2, 0.12],
      [0.375, 2, 0.38],
      [1.005, 2, 1],
      [2.5, 0, 2],
      [-0.125, 2, -0.12],
      [0.876544, 4, 0.8765],
    ];
    for (const [value, decimals, rounded] of cases) assert.equal(roundDecimals(value, decimals), rounded);
  });
});
