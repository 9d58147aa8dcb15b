import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FeedRecorded, FeedsCycleClosed, instantOfMillis } from '@crunch-node/streams';
import type { ScheduledPrediction } from '../crunch-config.ts';
import { initialPlan, type PlanRules, type PlanState, plan, type Round } from './plan.ts';
import { modelFacingSubject } from './scope.ts';

const entry = (scope_key: string, subject: string, interval: number, horizon = 120): ScheduledPrediction => ({
  scope_key,
  scope: { subject },
  prediction_interval_seconds: interval,
  resolve_horizon_seconds: horizon,
  active: true,
  order: 0,
  meta: {},
});

const rules = (...entries: ScheduledPrediction[]): PlanRules => ({
  partition: 3,
  scope: { subject: 'BTCUSDT', step_seconds: 15 },
  feed_subject_mapping: { ETHUSDT: 'ETH' },
  feed: {
    provider: 'test',
    subjects: [],
    kind: 'candle',
    granularity: '1m',
    window: 3,
    backfill_minutes: 1,
    options: {},
  },
  schedules: entries.map((e) => ({ config_id: `CFG_${e.scope_key}`, entry: e })),
});

const START = Date.UTC(2024, 0, 1);
/** A one-minute candle that opened `minute` minutes after the start. */
const candle = (minute: number, subject = 'BTCUSDT'): FeedRecorded =>
  FeedRecorded.at(instantOfMillis(START + (minute + 1) * 60_000), {
    source: 'binance',
    subject,
    kind: 'candle',
    granularity: '1m',
    ts_event: START + minute * 60_000,
    values: { close: minute },
  });
const closing = (minute: number): FeedsCycleClosed =>
  FeedsCycleClosed.at(instantOfMillis(START + minute * 60_000), {
    start: null,
    end: instantOfMillis(START + minute * 60_000),
    config_hash: 'h',
  });

function run(planRules: PlanRules, events: readonly (FeedRecorded | FeedsCycleClosed)[]) {
  let state: PlanState = initialPlan;
  const rounds: Round[] = [];
  for (const event of events) {
    const next = plan(state, event, planRules);
    state = next.state;
    rounds.push(...(next.work?.rounds ?? []));
  }
  return { state, rounds };
}

it('names a subject as models know it', () => {
  const config = { feed_subject_mapping: { BTCUSDT: 'BTC' } };
  assert.equal(modelFacingSubject(config, 'BTCUSDT'), 'BTC');
  assert.equal(modelFacingSubject(config, 'constructor'), 'constructor');
});

describe('planning of rounds', () => {
  it('starts a round when an interval is crossed, and always for the first record', () => {
    const { rounds } = run(
      rules(entry('btc', 'BTCUSDT', 180)),
      [0, 1, 2, 3, 4, 5, 6].map((m) => candle(m)),
    );
    assert.deepEqual(
      rounds.map(({ performed_at }) => performed_at.slice(11, 16)),
      ['00:01', '00:03', '00:06'],
    );
  });

  it('starts one round however many boundaries lie between two records', () => {
    const { rounds } = run(rules(entry('btc', 'BTCUSDT', 60)), [candle(0), candle(30)]);
    assert.equal(rounds.length, 2);
  });

  it('is triggered by its own subject only, under either of its names', () => {
    const both = rules(entry('btc', 'BTCUSDT', 60), entry('eth', 'ETH', 60));
    const { rounds } = run(both, [candle(0), candle(0, 'ETHUSDT')]);
    assert.deepEqual(
      rounds.map(({ scope_key, feed }) => [scope_key, feed.subject]),
      [
        ['btc', 'BTCUSDT'],
        ['eth', 'ETHUSDT'],
      ],
    );
  });

  it('determines everything about a round but its predictions', () => {
    const { rounds } = run(rules(entry('btc-120', 'BTCUSDT', 60)), [candle(0)]);
    assert.deepEqual(rounds, [
      {
        round_id: 'round:3:btc-120:1704067260000000',
        partition: 3,
        config_id: 'CFG_btc-120',
        scope_key: 'btc-120',
        scope: {
          source: 'binance',
          subject: 'BTCUSDT',
          kind: 'candle',
          granularity: '1m',
          step_seconds: 15,
          resolve_horizon_seconds: 120,
        },
        feed: { source: 'binance', subject: 'BTCUSDT', kind: 'candle', granularity: '1m' },
        performed_at: '2024-01-01T00:01:00.000000Z',
        resolvable_at: '2024-01-01T00:03:00.000000Z',
        input_id: 'INP_binance_BTCUSDT_candle_1m_20240101_000100.000',
        interval_seconds: 60,
      },
    ]);
  });

  it('remembers a late record and starts no round for it', () => {
    const { rounds, state } = run(rules(entry('btc', 'BTCUSDT', 60)), [candle(1), closing(2), candle(0)]);
    assert.equal(rounds.length, 1);
    const [window] = [...state.windows.values()];
    assert.deepEqual(
      window?.map(({ data }) => data.values.close),
      [0, 1],
    );
  });

  it('keeps the newest records of each feed, the first of two with the same id', () => {
    const twice = FeedRecorded.at(candle(2).at, { ...candle(2).data, values: { close: 99 } });
    const { state } = run(rules(), [candle(0), candle(1), candle(2), twice, candle(3)]);
    const [window] = [...state.windows.values()];
    assert.deepEqual(
      window?.map(({ data }) => data.values.close),
      [1, 2, 3],
    );
  });

  it('leaves a retired entry alone', () => {
    const retired = { ...entry('btc', 'BTCUSDT', 60), active: false };
    assert.deepEqual(run(rules(retired), [candle(0)]).rounds, []);
  });
});
