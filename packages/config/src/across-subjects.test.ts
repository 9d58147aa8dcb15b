/** A competition that ranks assets: its ground truth is resolved from the records of all of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scoreReact, scoreStart } from '@crunch-node/domain';
import {
  addSeconds,
  type Cycle,
  FeedRecorded,
  type Instant,
  RoundPredicted,
  type RoundScored,
  roundId,
} from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import { defineCrunch } from './define-crunch.ts';
import { realtimePack } from './packs/realtime.ts';
import { probeConfig } from './probe.ts';

const minute = (n: number): Instant => addSeconds('2026-01-01T00:00:00.000000Z', 60 * n);
const feed = { source: 'test', subject: 'BTCUSDT', kind: 'candle', granularity: '1m' };
const candle = (n: number, close: number, subject: string) =>
  FeedRecorded.at(minute(n), { ...feed, subject, ts_event: 60_000 * n, values: { close } });

const ASSETS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];
const placesOf = (values: readonly number[]) => values.map((value) => values.filter((other) => other < value).length);
const ranking = defineCrunch({
  ...realtimePack,
  crunch_id: 'ranking',
  feed: { ...realtimePack.feed, subjects: ASSETS },
  scheduled_predictions: [
    {
      scope_key: 'all',
      scope: { subject: 'BTCUSDT', resolve_subjects: ASSETS },
      prediction_interval_seconds: 60,
      resolve_horizon_seconds: 120,
    },
  ],
  output_type: Type.Object(Object.fromEntries(ASSETS.map((asset) => [asset, Type.Number()]))),
  ground_truth_type: null,
  resolve_ground_truth: ({ subjects }) => {
    const returns = ASSETS.map((asset) => {
      const { entry, records } = subjects[asset]!;
      return Number(records.at(-1)?.values.close) / Number(entry?.values.close) - 1;
    });
    return returns.every(Number.isFinite) ? { returns } : null;
  },
  scoring_function: (prediction, { returns }) => {
    const [own, happened] = [placesOf(ASSETS.map((asset) => prediction[asset]!)), placesOf(returns)];
    const distance = own.reduce((sum, place, i) => sum + (place - happened[i]!) ** 2, 0);
    return { value: 1 - distance / 4, success: true, failed_reason: null }; // Spearman of three without ties
  },
  ensembles: [{ name: 'main', output_fields: ASSETS, strategy: 'equal_weight' }],
});

describe('a competition across subjects', () => {
  it('scores a ranking of assets by the records of all of them, kept as long as a round needs them', () => {
    const round = (n: number) =>
      RoundPredicted.at(minute(n), {
        round_id: roundId(0, 'all', minute(n)),
        partition: 0,
        scope_key: 'all',
        performed_at: minute(n),
        config_id: null,
        scope: { subject: 'BTCUSDT', resolve_subjects: ASSETS },
        feed,
        resolvable_at: minute(n + 2),
        input_id: `INP_${n}`,
        window: null,
        predictions: [
          {
            prediction_id: `P_${n}`,
            model_id: 'm',
            status: 'PENDING' as const,
            runner_status: 'SUCCESS' as const,
            reason: null,
            inference_output: { BTCUSDT: 1, ETHUSDT: 3, SOLUSDT: 2 },
          },
        ],
      });
    const react = scoreReact(ranking, 0);
    let state = scoreStart;
    const scored: RoundScored[] = [];
    // A cycle for each minute, so that a horizon spans two of them.
    for (let n = 1; n <= 5; n++) {
      const cycle: Cycle = { start: n === 1 ? null : minute(n - 1), end: minute(n), config_hash: 'h' };
      const candles = ASSETS.flatMap((asset, i) =>
        asset === 'SOLUSDT' && n > 4 ? [] : [candle(n, 100 + i * n, asset)],
      );
      const came = react(state, cycle, [...candles, round(n)]);
      state = came.state;
      scored.push(...came.events.filter((event): event is RoundScored => event.type === 'RoundScored'));
    }
    // The third asset rises most until its last record is missing; the model puts the second one first.
    assert.deepEqual(
      scored.map(({ data }) => data.outcomes[0]?.result?.value),
      [0.5, 0.5, 1],
    );
    const [first] = scored;
    assert.deepEqual(first?.data.ground_truth, { returns: [0, 103 / 101 - 1, 106 / 102 - 1] });
    assert.deepEqual(Object.keys(first?.data.ground_truth_records?.subjects ?? {}), ASSETS);
    assert.equal(first?.data.ground_truth_records?.subjects?.SOLUSDT?.count, 2);
    assert.equal(scored[2]?.data.ground_truth_records?.subjects?.SOLUSDT?.count, 1, 'its last record was missing');
  });

  it('names subjects that the feed does not have', () => {
    const [schedule] = ranking.scheduled_predictions;
    for (const [given, received] of [
      [['BTC'], '"BTC"'],
      [[], '[]'],
      ['ETHUSDT', '"ETHUSDT"'],
    ] as const)
      assert.throws(
        () =>
          defineCrunch({
            ...realtimePack,
            scheduled_predictions: [{ ...schedule!, scope: { subject: 'BTCUSDT', resolve_subjects: given } }],
          }),
        (error: Error) =>
          error.message.includes(
            `scheduled_predictions[0].scope.resolve_subjects: expected a list of subjects of the feed (BTCUSDT), received ${received}`,
          ),
      );
  });

  it('warns of an ensemble of what is no number, and of a score that could not be tried', () => {
    const nested = defineCrunch({
      ...realtimePack,
      output_type: Type.Object({ shares: Type.Object({ up: Type.Number() }) }),
      resolve_ground_truth: () => ({ happened: 'up' }),
      scoring_function: ({ shares }, { happened }) => ({ value: shares[happened as 'up'], success: true }),
      ensembles: [{ name: 'main', output_field: 'shares' }],
    });
    const { warnings } = probeConfig(nested);
    assert.match(
      warnings.join('\n'),
      /ensembles\[0\] \(main\): will never answer, since shares of output_type is object/,
    );
    const text = probeConfig(ranking).warnings.join('\n');
    assert.match(text, /threw when tried: .*it was tried without what resolve_ground_truth returns: .*examples/);
    const tried = {
      ...ranking,
      ground_truth_type: Type.Object({}, { examples: [{ returns: [1, 2, 3] }, { returns: [3, 1, 2] }] }),
    };
    assert.deepEqual(
      probeConfig({
        ...tried,
        output_type: { ...ranking.output_type, examples: [{ BTCUSDT: 1, ETHUSDT: 2, SOLUSDT: 3 }] },
      }).warnings,
      [],
    );
  });
});
