import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Type } from '@sinclair/typebox';
import type { Round } from './plan.ts';
import { COOL_DOWN, type ModelOutcome, recordRound, recordSkipped } from './record.ts';

const round: Round = {
  round_id: 'round:0:btc:1704067260000000',
  partition: 0,
  config_id: 'CFG_btc',
  scope_key: 'btc',
  scope: { subject: 'BTCUSDT' },
  feed: { source: 'binance', subject: 'BTCUSDT', kind: 'candle', granularity: '1m' },
  performed_at: '2024-01-01T00:01:00.000000Z',
  resolvable_at: '2024-01-01T00:03:00.000000Z',
  input_id: 'INP_1',
  interval_seconds: 60,
};
const output = Type.Object({ value: Type.Number({ default: 0 }) });
const answered = (model_id: string, over: Partial<Extract<ModelOutcome, { kind: 'answered' }>>): ModelOutcome => ({
  kind: 'answered',
  model_id,
  status: 'SUCCESS',
  result: { value: 1 },
  error_code: null,
  message: null,
  ...over,
});
const record = (outcomes: readonly ModelOutcome[]) =>
  recordRound(round, [], { outcomes, input: null }, output).data.predictions;

describe('recording a round', () => {
  it('keeps a valid prediction with its undeclared keys', () => {
    const [prediction] = record([answered('1', { result: { value: 0.5, why: 'trend' } })]);
    assert.deepEqual(prediction, {
      prediction_id: 'PRE_1_btc_20240101_000100.000',
      model_id: '1',
      status: 'PENDING',
      runner_status: 'SUCCESS',
      reason: null,
      inference_output: { value: 0.5, why: 'trend' },
    });
  });

  it('distinguishes a time-out, a failure and a cool-down', () => {
    const predictions = record([
      answered('1', { status: 'TIMEOUT', result: undefined, error_code: 'DEADLINE_EXCEEDED' }),
      answered('2', { status: 'FAILED', result: undefined, error_code: 'MODEL_FAILED', message: 'boom' }),
      { kind: 'cooling', model_id: '3' },
    ]);
    assert.deepEqual(
      predictions.map(({ status, runner_status, reason }) => [status, runner_status, reason]),
      [
        ['FAILED', 'TIMEOUT', 'DEADLINE_EXCEEDED'],
        ['FAILED', 'FAILED', 'MODEL_FAILED: boom'],
        ['FAILED', 'TIMEOUT', COOL_DOWN],
      ],
    );
  });

  it('fails garbage and keeps it for inspection', () => {
    const garbage = [undefined, 'buy!', { signal: 1 }, { value: 'abc' }, { value: 'x'.repeat(5_000) }];
    for (const result of garbage) {
      const [prediction] = record([answered('1', { result })]);
      assert.equal(prediction?.status, 'FAILED');
      assert.equal(prediction.runner_status, 'SUCCESS');
      assert.ok(JSON.stringify(prediction.inference_output).length < 2_500);
    }
  });

  it('keeps only the part of garbage that a log and a database can hold', () => {
    const deep = JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) as [];
    const results = [
      { value: Number.NaN },
      { value: 'a\u0000b' },
      { value: '\ud800' },
      { x: deep },
      { 'k\u0000': 1, value: 1 },
    ];
    for (const result of results) {
      const [prediction] = record([answered('1', { result })]);
      assert.equal(prediction?.status, 'FAILED', JSON.stringify(result));
      const kept = JSON.stringify(prediction);
      assert.deepEqual(JSON.parse(kept), prediction);
      assert.ok(!kept.includes('\\u0000') && !kept.includes('\\ud800'), kept);
    }
  });

  it('records an absent model', () => {
    const [prediction] = record([{ kind: 'absent', model_id: '9', reason: 'not connected' }]);
    assert.equal(prediction?.prediction_id, 'ABS_9_btc_20240101_000100.000');
    assert.equal(prediction.status, 'ABSENT');
  });

  it('gives a round also without any model, and predictions in order of model id', () => {
    assert.deepEqual(record([]), []);
    assert.deepEqual(
      record([answered('b', {}), answered('10', {}), answered('2', {})]).map(({ model_id }) => model_id),
      ['10', '2', 'b'],
    );
  });

  it('shares its id with the skipped round', () => {
    assert.equal(recordSkipped(round, 'too old').id, recordRound(round, [], { outcomes: [], input: null }, output).id);
  });
});
