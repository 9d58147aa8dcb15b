import {
  addSeconds,
  ConfigActivated,
  control,
  FeedRecorded,
  FeedsCycleClosed,
  feeds,
  type Instant,
  LeaderboardRanked,
  LeaderboardsCycleClosed,
  leaderboards,
  ModelFailed,
  ModelJoined,
  millisOf,
  models,
  PredictionsCycleClosed,
  predictions,
  RoundPredicted,
  RoundScored,
  RoundSkipped,
  roundId,
  ScoresCycleClosed,
  SnapshotsCycleClosed,
  SnapshotTaken,
  scores,
  snapshots,
} from '@crunch-node/streams';
import type { Sample } from './sample.ts';
import { checkpointLife } from './sample-checkpoints.ts';

const MODELS = ['1', '2', '10'];
const FEED = { source: 'binance', subject: 'BTCUSDT', kind: 'candle', granularity: '1m' };
const SCOPE = { subject: 'BTCUSDT', step_seconds: 15, resolve_horizon_seconds: 120 };
const SCOPE_KEY = 'BTCUSDT-120';

/**
 * A small log with something in every stream, in an order that a run could have: minute candles of one feed from
 * `start`, a round a minute by three models, scored two minutes later, a checkpoint at the end.
 */
export function sampleLog(minutes: number, start: Instant = '2026-11-21T19:00:00.000000Z'): Sample[] {
  const log: Sample[] = [configuration(start), ...MODELS.map((model_id) => joined(model_id, start))];
  let previous: Instant | null = null;
  for (let minute = 1; minute <= minutes; minute++) {
    const end = addSeconds(start, minute * 60);
    const cycle = { start: previous, end, config_hash: 'hash' };
    log.push(candle(end, minute));
    log.push({ stream: feeds, event: FeedsCycleClosed.at(end, cycle) });
    log.push(minute % 7 === 0 ? skipped(end) : predicted(end, minute));
    log.push({ stream: predictions, event: PredictionsCycleClosed.at(end, { ...cycle, partition: 0 }) });
    const due = minute - 2;
    const isScored = due >= 1 && due % 7 !== 0;
    if (isScored) log.push(scored(addSeconds(end, -120), end, due));
    log.push({
      stream: scores,
      event: ScoresCycleClosed.at(end, { ...cycle, partition: 0, rounds: isScored ? 1 : 0, rounds_hash: 'x' }),
    });
    log.push(...(isScored ? [snapshot('1', end, minute), snapshot('2', end, minute)] : []));
    log.push(snapshotsClosing(cycle, isScored));
    if (isScored) log.push(ranked(end, minute));
    log.push({ stream: leaderboards, event: LeaderboardsCycleClosed.at(end, { ...cycle, entries_hash: null }) });
    previous = end;
  }
  const end = addSeconds(start, minutes * 60);
  log.push(...checkpointLife(start, end));
  log.push({
    stream: models,
    event: ModelFailed.at(end, {
      partition: 0,
      model_id: '10',
      revision: 1,
      deployment_id: 'dep10',
      failure_code: 'MULTIPLE_TIMEOUT',
      failure_reason: 'slow',
    }),
  });
  return log;
}

const configuration = (at: Instant): Sample => ({
  stream: control,
  event: ConfigActivated.at(at, {
    revision: 0,
    config_hash: 'hash',
    pace: 'replay',
    partitions: 1,
    cycle_seconds: 60,
    ensembles: [],
    config: {
      scheduled_predictions: [
        {
          scope_key: SCOPE_KEY,
          scope: { subject: 'BTCUSDT' },
          prediction_interval_seconds: 60,
          resolve_horizon_seconds: 120,
          active: true,
          order: 0,
          meta: {},
        },
      ],
    },
  }),
});

const joined = (model_id: string, at: Instant): Sample => ({
  stream: models,
  event: ModelJoined.at(at, {
    partition: 0,
    model_id,
    revision: 0,
    deployment_id: `dep${model_id}`,
    model_name: `model-${model_id}`,
    cruncher_id: `p${model_id}`,
    cruncher_name: `Player ${model_id}`,
  }),
});

const candle = (at: Instant, minute: number): Sample => ({
  stream: feeds,
  event: FeedRecorded.at(at, {
    ...FEED,
    ts_event: millisOf(at) - 60_000,
    values: { open: 100 + minute, high: 102 + minute, low: 99 + minute, close: 101.5 + minute, volume: 3 },
  }),
  obs: { ingested_at: addSeconds(at, 0.25) },
});

const answers = (at: Instant, minute: number) => [
  answer('1', at, 'PENDING', { value: minute / 8 }),
  answer('2', at, 'PENDING', { value: -minute / 8 }),
  answer('10', at, 'ABSENT', {}),
];

const answer = (model_id: string, at: Instant, status: 'PENDING' | 'ABSENT', inference_output: { value?: number }) => ({
  prediction_id: `${status === 'ABSENT' ? 'ABS' : 'PRE'}_${model_id}_${SCOPE_KEY}_${stamp(at)}`,
  model_id,
  status,
  runner_status: status === 'PENDING' ? ('SUCCESS' as const) : null,
  reason: status === 'PENDING' ? null : 'not connected',
  inference_output,
});

const stamp = (at: Instant): string => at.slice(0, 23).replaceAll(/[-:]/g, '').replace('T', '_');

const predicted = (at: Instant, minute: number): Sample => ({
  stream: predictions,
  event: RoundPredicted.at(at, {
    round_id: roundId(0, SCOPE_KEY, at),
    partition: 0,
    scope_key: SCOPE_KEY,
    performed_at: at,
    config_id: `CFG_${SCOPE_KEY}`,
    scope: SCOPE,
    feed: FEED,
    resolvable_at: addSeconds(at, 120),
    input_id: `INP_${stamp(at)}`,
    window: { first: `feed:a:${minute}`, last: `feed:b:${minute}`, count: Math.min(minute, 120) },
    predictions: answers(at, minute),
  }),
  obs: { timing: { models_dispatched_us: 10, models_completed_us: 30 }, exec_ms: { 1: 1.25, 2: 2.5 } },
});

const skipped = (at: Instant): Sample => ({
  stream: predictions,
  event: RoundSkipped.at(at, {
    round_id: roundId(0, SCOPE_KEY, at),
    partition: 0,
    scope_key: SCOPE_KEY,
    performed_at: at,
    config_id: `CFG_${SCOPE_KEY}`,
    reason: 'too old',
  }),
});

function scored(performed_at: Instant, end: Instant, minute: number): Sample {
  const outcome = (model_id: string, value: number) => ({
    score_id: `SCR_PRE_${model_id}_${SCOPE_KEY}_${stamp(performed_at)}`,
    prediction_id: `PRE_${model_id}_${SCOPE_KEY}_${stamp(performed_at)}`,
    model_id,
    inference_output: { value },
  });
  const expired = minute % 5 === 0;
  return {
    stream: scores,
    event: RoundScored.at(end, {
      round_id: roundId(0, SCOPE_KEY, performed_at),
      partition: 0,
      scope_key: SCOPE_KEY,
      scope: SCOPE,
      performed_at,
      resolvable_at: end,
      input_id: `INP_${stamp(performed_at)}`,
      ground_truth: expired ? null : { profit: 0.01 },
      ground_truth_records: expired ? null : { entry: null, first: 'feed:1', last: 'feed:2', count: 2 },
      outcomes: [
        {
          ...outcome('1', minute / 8),
          outcome: expired ? 'expired' : 'scored',
          result: expired ? null : { value: minute / 800, success: true, failed_reason: null },
          success: !expired,
          failed_reason: expired ? 'no feed record in the window' : null,
        },
        {
          ...outcome('2', -minute / 8),
          outcome: 'failed',
          result: null,
          success: false,
          failed_reason: 'division by zero',
        },
      ],
    }),
  };
}

const snapshot = (model_id: string, end: Instant, minute: number): Sample => ({
  stream: snapshots,
  event: SnapshotTaken.at(end, {
    snapshot_id: `SNAP_${model_id}_${stamp(end).slice(0, 15)}`,
    model_id,
    cycle_end: end,
    period_start: addSeconds(end, -120),
    period_end: addSeconds(end, -120),
    prediction_count: 1,
    failed_count: 0,
    result_summary: { value: minute / 800, success: 1 },
    unavailable: { ic: 'fewer than 10 predictions' },
    content_hash: `${model_id}${minute}`.padEnd(64, '0'),
  }),
});

const cycleId = (end: Instant): string => `CYC_${end.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_')}_000000`;

function snapshotsClosing(cycle: { start: Instant | null; end: Instant; config_hash: string }, taken: boolean): Sample {
  const merkle = {
    cycle_id: cycleId(cycle.end),
    previous_cycle_id: null,
    previous_cycle_root: null,
    snapshots_root: 'a'.repeat(64),
    chained_root: 'b'.repeat(64),
    snapshot_count: 2,
  };
  return {
    stream: snapshots,
    event: SnapshotsCycleClosed.at(cycle.end, { ...cycle, merkle: taken ? merkle : null, chain: null }),
  };
}

function ranked(end: Instant, minute: number): Sample {
  const entry = (model_id: string, rank: number, value: number | null) => ({
    rank,
    model_id,
    score: { metrics: { score_recent: value, ic: 0.1 }, ranking: { key: 'score_recent', value, direction: 'desc' } },
  });
  return {
    stream: leaderboards,
    event: LeaderboardRanked.at(end, {
      leaderboard_id: `LBR_${stamp(end)}`,
      cycle_end: end,
      entries: [entry('2', 1, 1.3), entry('1', 2, minute / 800), entry('unheard-of', 3, null)],
      ensembles: [entry('__ensemble_main__', 1, 1.5)],
    }),
  };
}
