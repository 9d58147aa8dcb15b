import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { predictionId } from '@crunch-node/domain';
import { type Sample, sampleLog } from '@crunch-node/projections/testing';
import {
  addSeconds,
  EnsembleSignalled,
  type Instant,
  ModelJoined,
  ModelLeft,
  models,
  predictions,
  RoundPredicted,
  RoundScored,
  roundId,
  ScoresCycleClosed,
  scores,
  signals,
} from '@crunch-node/streams';
import { openScene, type Scene } from '../testing/scene.ts';

const start: Instant = '2026-11-21T19:00:00.000000Z';
const minute = (n: number): Instant => addSeconds(start, 60 * n);
const SCOPE_KEY = 'BTCUSDT-120';
const idOf = (model: string, n: number): string => predictionId(model, SCOPE_KEY, minute(n));
const FEED = { source: 'binance', subject: 'BTCUSDT', kind: 'candle', granularity: '1m' };
const recordId = (n: number): string => `feed:binance:BTCUSDT:candle:1m:${Date.parse(minute(n)) - 60_000}`;

const round = { partition: 1, scope_key: SCOPE_KEY, scope: { subject: 'BTCUSDT' }, performed_at: minute(2) };
const answered = (model_id: string, extra: object) => ({
  model_id,
  prediction_id: predictionId(model_id, SCOPE_KEY, minute(2)),
  status: 'FAILED' as const,
  runner_status: 'SUCCESS' as const,
  reason: null as string | null,
  inference_output: {},
  ...extra,
});

/** A round of another partition with existing records, an unusable answer, and an ensemble. */
const more: Sample[] = [
  {
    stream: predictions,
    event: RoundPredicted.at(minute(2), {
      ...round,
      round_id: roundId(1, SCOPE_KEY, minute(2)),
      config_id: 'CFG_1',
      feed: FEED,
      resolvable_at: minute(4),
      input_id: 'INP_2',
      window: { first: recordId(1), last: recordId(2), count: 2 },
      predictions: [
        answered('good', { status: 'PENDING', inference_output: { value: 0.5 } }),
        answered('odd', { reason: 'value: expected a number' }),
        answered('slow', { runner_status: 'TIMEOUT', reason: 'x'.repeat(2_000) }),
      ],
    }),
    obs: { exec_ms: { good: 4, odd: 8 } },
  },
  {
    stream: scores,
    event: RoundScored.at(minute(12), {
      ...round,
      round_id: roundId(1, SCOPE_KEY, minute(2)),
      resolvable_at: minute(4),
      input_id: 'INP_2',
      ground_truth: { profit: 0.01 },
      ground_truth_records: { entry: recordId(2), first: recordId(3), last: recordId(4), count: 2 },
      outcomes: [
        {
          score_id: `SCR_${idOf('good', 2)}`,
          prediction_id: idOf('good', 2),
          model_id: 'good',
          outcome: 'scored',
          result: { value: 0.005, success: true },
          success: true,
          failed_reason: null,
          inference_output: { value: 0.5 },
        },
      ],
    }),
  },
  {
    stream: scores,
    event: ScoresCycleClosed.at(minute(12), {
      start: minute(11),
      end: minute(12),
      config_hash: 'hash',
      partition: 1,
      rounds: 1,
      rounds_hash: 'of its rounds',
    }),
  },
  {
    stream: signals,
    event: EnsembleSignalled.at(minute(9), {
      name: 'main',
      model_id: '__ensemble_main__',
      prediction_id: predictionId('__ensemble_main__', SCOPE_KEY, minute(9)),
      scope_key: SCOPE_KEY,
      scope: { subject: 'BTCUSDT' },
      feed: FEED,
      performed_at: minute(9),
      resolvable_at: minute(11),
      input_id: 'INP_9',
      value: 0.25,
      members: [{ model_id: '1', value: 0.25, weight: 1 }],
      weights_cycle_end: null,
    }),
  },
  ...(['good', 'gone'] as const).map((model_id, i) => ({
    stream: models,
    event: ModelJoined.at(minute(i), {
      partition: 1,
      model_id,
      revision: 0,
      deployment_id: 'd',
      model_name: model_id,
      cruncher_id: 'c',
      cruncher_name: 'C',
    }),
  })),
  {
    stream: models,
    event: ModelLeft.at(minute(3), { partition: 1, model_id: 'gone', revision: 1, deployment_id: 'd' }),
  },
];

describe('explaining', () => {
  let scene: Scene;
  before(async () => {
    scene = await openScene([...sampleLog(10, start), ...more], { now: minute(10) });
  });
  after(() => scene?.close());
  const explain = (id: string, records = '') =>
    scene.get(`/reports/predictions/${encodeURIComponent(id)}/explain${records}`);

  it('derives a score from the records it was made of', async () => {
    const found = await explain(idOf('good', 2));
    assert.equal(found.state, 'scored');
    assert.match(found.explanation, /scored at the closing of the cycle that ended at .*19:12.*value 0.005/);
    assert.equal(found.prediction.round_id, roundId(1, SCOPE_KEY, minute(2)));
    assert.equal(found.prediction.exec_time_ms, 4);
    assert.deepEqual([found.input.first.id, found.input.last.id, found.input.count], [recordId(1), recordId(2), 2]);
    assert.equal(found.resolution.entry.values.close, 103.5);
    assert.deepEqual(
      found.resolution.records.map(({ id }: { id: string }) => id),
      [recordId(3), recordId(4)],
    );
    assert.deepEqual([found.resolution.count, found.resolution.truncated], [2, false]);
    assert.deepEqual(found.ground_truth, { profit: 0.01 });
    assert.deepEqual(found.scoring, {
      scorer: null,
      config_hash: 'hash',
      config_revision: 0,
      cycle_end: '2026-11-21T19:12:00Z',
      rounds_hash: 'of its rounds',
    });
    assert.deepEqual(found.score.result, { value: 0.005, success: true });
    assert.deepEqual(
      found.log.map(({ stream, event }: { stream: string; event: string }) => `${stream} ${event}`),
      [
        ...Array(4).fill('FEEDS FeedRecorded'),
        'PREDICTIONS RoundPredicted',
        'SCORES RoundScored',
        'SCORES CycleClosed',
      ],
    );
    const sequences = found.log.map(({ sequence }: { sequence: number }) => sequence);
    assert.deepEqual(sequences.slice(0, 4), [1, 3, 5, 7], 'each record, before the closing of its cycle');
  });

  it('bounds the records it shows, and reports that it did', async () => {
    const { resolution } = await explain(idOf('good', 2), '?records=1');
    assert.deepEqual([resolution.records.length, resolution.truncated, resolution.count], [1, true, 2]);
    assert.deepEqual((await explain(idOf('good', 2), '?records=0')).resolution.records, []);
  });

  it('reports why there is no score', async () => {
    const stateOf = async (model: string, n: number, absent = false) => {
      const id = absent ? idOf(model, n).replace('PRE', 'ABS') : idOf(model, n);
      const { state, explanation, score } = await explain(id);
      return [state, explanation, score?.outcome ?? null] as const;
    };
    assert.deepEqual(await stateOf('1', 10), [
      'pending',
      `It is scored when the cycle that reaches ${minute(12)} is closed.`,
      null,
    ]);
    const [expired, why] = await stateOf('1', 5);
    assert.equal(expired, 'expired');
    assert.match(why, /no feed record in the window/);
    const [failed, fault] = await stateOf('2', 1);
    assert.equal(failed, 'failed');
    assert.match(fault, /Scoring it failed.*division by zero/);
    assert.deepEqual(await stateOf('10', 1, true), [
      'absent',
      'The model was not asked: not connected. There is nothing to score.',
      null,
    ]);
    assert.deepEqual(await stateOf('odd', 2), [
      'failed',
      'The answer was not usable: value: expected a number. There is nothing to score.',
      null,
    ]);
  });

  it('explains the signal of an ensemble by its members', async () => {
    const found = await explain(idOf('__ensemble_main__', 9));
    assert.equal(found.state, 'pending');
    assert.deepEqual(found.members, [{ model_id: '1', value: 0.25, weight: 1 }]);
    assert.equal(found.log.at(-1).stream, 'SIGNALS');
  });

  it('answers only for predictions that were published', async () => {
    for (const id of ['nothing', idOf('1', 99), 'PRE_1_X_20261399_999999.000', `${idOf('1', 1)}0`, '%00', "';--"])
      assert.equal((await scene.refused(`/reports/predictions/${encodeURIComponent(id)}/explain`))[0], 404, id);
  });
});

describe('the status of a model', () => {
  let scene: Scene;
  before(async () => {
    scene = await openScene([...sampleLog(10, start), ...more], { now: minute(10) });
  });
  after(() => scene?.close());

  it('reports whether it is connected, its latency and its rate of answers', async () => {
    const found = await scene.get('/reports/models/1/status');
    assert.deepEqual([found.alive, found.status, found.state], [true, 'active', 'running']);
    assert.equal(found.joined_at, '2026-11-21T19:00:00Z');
    assert.equal(found.last_seen_at, '2026-11-21T19:10:00Z');
    const { rounds, succeeded, success_rate } = found.calls;
    assert.deepEqual([rounds, succeeded, success_rate], [9, 9, 1]);
    assert.deepEqual(found.latency_ms, { p50: 1.25, p95: 1.25, p99: 1.25 });
    assert.deepEqual(found.last_errors, []);
    assert.equal((await scene.get('/reports/models/1/status?calls=3')).calls.rounds, 3);
  });

  it('reports models that left or failed, with when they joined', async () => {
    const gone = await scene.get('/reports/models/gone/status');
    assert.deepEqual([gone.alive, gone.state, gone.joined_at], [false, 'left', '2026-11-21T19:01:00Z']);
    assert.equal(gone.left_at, '2026-11-21T19:03:00Z');
    assert.deepEqual(gone.latency_ms, { p50: null, p95: null, p99: null });
    assert.equal(gone.calls.success_rate, null);
    const failed = await scene.get('/reports/models/10/status');
    assert.deepEqual([failed.state, failed.failure_code], ['failed', 'MULTIPLE_TIMEOUT']);
    assert.equal(failed.calls.absent, 9);
    assert.equal(failed.last_call_at, null);
    assert.equal(failed.last_errors.length, 9);
    assert.equal(failed.last_errors[0].reason, 'not connected');
  });

  it('exists for ensembles too', async () => {
    const found = await scene.get('/reports/models/__ensemble_main__/status');
    assert.deepEqual([found.is_ensemble, found.calls.succeeded], [true, 1]);
    assert.equal(found.last_seen_at, '2026-11-21T19:09:00Z');
  });

  it('is 404 for an unknown model', async () => {
    assert.deepEqual((await scene.refused('/reports/models/nobody/status'))[0], 404);
  });
});
