/** Competitions that an operator writes, without a line of the engine: a variance forecast, and a signal with costs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  builtInMetrics,
  type CrunchConfig,
  type FeedRecord,
  scoreReact,
  scoreStart,
  snapshotReact,
  snapshotStart,
} from '@crunch-node/domain';
import {
  addSeconds,
  type Cycle,
  FeedRecorded,
  type Instant,
  type JsonObject,
  RoundPredicted,
  type RoundScored,
  roundId,
  type SnapshotTaken,
} from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import { defineCrunch } from './define-crunch.ts';
import { realtimePack } from './packs/realtime.ts';
import { probeConfig } from './probe.ts';

const START = '2026-01-01T00:00:00.000000Z';
const minute = (n: number): Instant => addSeconds(START, 60 * n);
const feed = { source: 'test', subject: 'BTCUSDT', kind: 'candle', granularity: '1m' };
const candle = (n: number, close: number) =>
  FeedRecorded.at(minute(n), { ...feed, ts_event: 60_000 * n, values: { close } });

/** Final metrics of each model, whose predictions come once a minute with a horizon of `horizon` minutes. */
function summaries(
  config: CrunchConfig,
  closes: readonly number[],
  answers: Readonly<Record<string, (n: number) => JsonObject>>,
  horizon: number,
): Readonly<Record<string, JsonObject>> {
  const cycle: Cycle = { start: null, end: minute(closes.length), config_hash: 'h' };
  const rounds = closes.slice(horizon).map((_, n) =>
    RoundPredicted.at(minute(n), {
      round_id: roundId(0, 'btc', minute(n)),
      partition: 0,
      scope_key: 'btc',
      performed_at: minute(n),
      config_id: null,
      scope: { subject: 'BTCUSDT' },
      feed,
      resolvable_at: minute(n + horizon),
      input_id: `INP_${n}`,
      window: null,
      predictions: Object.entries(answers).map(([model_id, answer]) => ({
        prediction_id: `${model_id}-${n}`,
        model_id,
        status: 'PENDING' as const,
        runner_status: 'SUCCESS' as const,
        reason: null,
        inference_output: answer(n),
      })),
    }),
  );
  const scored = scoreReact(config, 0)(scoreStart, cycle, [...closes.map((close, n) => candle(n, close)), ...rounds]);
  const inputs = scored.events.filter((event): event is RoundScored => event.type === 'RoundScored');
  const taken = snapshotReact(config)(snapshotStart, cycle, inputs).events;
  return Object.fromEntries(
    taken
      .filter((event): event is SnapshotTaken => event.type === 'SnapshotTaken')
      .map(({ data }) => [data.model_id, { ...data.result_summary, failed: data.failed_count }]),
  );
}

/** Sum of squared returns from one close to the next. */
function realised({ entry, records }: { entry: FeedRecord | null; records: readonly FeedRecord[] }): number {
  const closes = [entry, ...records].flatMap((record) => (record === null ? [] : [Number(record.values.close)]));
  return closes.slice(1).reduce((sum, close, i) => sum + Math.log(close / closes[i]!) ** 2, 0);
}

const variance = defineCrunch({
  ...realtimePack,
  crunch_id: 'variance',
  output_type: Type.Object({ variance: Type.Number({ exclusiveMinimum: 0, maximum: 1 }) }),
  resolve_ground_truth: (window) => (window.records.length < 5 ? null : { realised: realised(window) }),
  scoring_function: ({ variance: forecast }, { realised: happened }) => {
    if (!(happened > 0)) return { value: 0, success: false, failed_reason: 'the price did not move' };
    const share = happened / forecast;
    return { value: share - Math.log(share) - 1, success: true, failed_reason: null }; // QLIKE
  },
  score_type: Type.Object({
    value: Type.Number(),
    success: Type.Boolean(),
    failed_reason: Type.Union([Type.String(), Type.Null()]),
  }),
  metrics: [],
  aggregation: {
    windows: [{ name: 'score_recent', hours: 24 }],
    relative: { of: 'value', name: 'relative_score', better: 'asc', worst_percentile: 95 },
    value_field: 'relative_score',
    ranking_key: 'score_recent',
    ranking_direction: 'desc',
  },
  ensembles: [{ name: 'main', output_field: 'variance', strategy: 'equal_weight' }],
});

const COST = 0.002;
const signal = defineCrunch({
  ...realtimePack,
  crunch_id: 'signal-with-costs',
  output_type: Type.Object({ signal: Type.Number({ minimum: -1, maximum: 1 }) }),
  scoring_function: ({ signal: position }, { profit }) => ({
    value: position * Number(profit),
    actual_return: Number(profit),
    success: true,
    failed_reason: null,
  }),
  score_type: Type.Object({ value: Type.Number(), actual_return: Type.Number(), success: Type.Boolean() }),
  custom_metrics: {
    // profit, less the cost of each change of the position, the first one from nothing included
    net: `mean(scores - ${COST} * abs(predictions - lag(predictions)))`,
    net_by_code: ({ predictions, values }) => {
      let [net, before] = [0, 0];
      for (let i = 0; i < predictions.length; i++) {
        net += values[i]! - COST * Math.abs(predictions[i]! - before);
        before = predictions[i]!;
      }
      return net / predictions.length;
    },
  },
  metrics: ['net', 'net_by_code', 'turnover'],
  aggregation: { windows: [], value_field: 'value', ranking_key: 'net', ranking_direction: 'desc' },
  decimals: { net: 6 },
});

describe('a competition from configuration alone', () => {
  it('scores variances by QLIKE, which is least at the truth and 0 there', () => {
    assert.deepEqual(probeConfig(variance).faults, []);
    const size = 0.001;
    const closes = Array.from({ length: 40 }, (_, n) => 100 * Math.exp(n % 2 === 0 ? 0 : size));
    const truth = 5 * size ** 2;
    const came = summaries(
      variance,
      closes,
      {
        exact: () => ({ variance: truth }),
        high: () => ({ variance: 2 * truth }),
        low: () => ({ variance: truth / 2 }),
      },
      5,
    );
    assert.ok(Math.abs(Number(came.exact?.value)) < 1e-9, String(came.exact?.value));
    assert.ok(Math.abs(Number(came.high?.value) - (0.5 + Math.log(2) - 1)) < 1e-9);
    assert.ok(Math.abs(Number(came.low?.value) - (2 - Math.log(2) - 1)) < 1e-9, 'too low is worse');
    assert.equal(came.exact?.relative_score, 1);
    assert.equal(came.low?.relative_score, 0);
  });

  it('fails variances where no price moved, and has no ground truth where there are too few prices', () => {
    const came = summaries(
      variance,
      Array.from({ length: 12 }, () => 100),
      { any: () => ({ variance: 1e-6 }) },
      5,
    );
    assert.equal(came.any?.failed, 7);
    assert.equal(variance.resolve_ground_truth({ entry: null, records: [], subjects: {} }, {} as never), null);
  });

  it('ranks signals that pay for each change by their net profit', () => {
    assert.deepEqual(probeConfig(signal).faults, []);
    const closes = Array.from({ length: 61 }, (_, n) => 100 * 1.001 ** (n % 4 < 2 ? n % 4 : 4 - (n % 4)));
    const ahead = (n: number) => Math.sign((closes[n + 1] ?? 0) - closes[n]!);
    const came = summaries(
      signal,
      closes,
      { nimble: (n) => ({ signal: ahead(n) }), holder: () => ({ signal: 0.5 }), idle: () => ({ signal: 0 }) },
      1,
    );
    for (const summary of Object.values(came))
      assert.ok(Math.abs(Number(summary.net) - Number(summary.net_by_code)) < 1e-12, JSON.stringify(summary));
    assert.ok(Number(came.nimble?.value) > Number(came.holder?.value), 'before costs');
    assert.ok(Number(came.nimble?.net) < Number(came.idle?.net), 'after costs it had better stand still');
    assert.equal(came.idle?.net, 0);
    assert.ok(builtInMetrics.has('turnover'));
  });
});
