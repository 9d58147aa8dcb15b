/** A competition in which everything has a thousand members, and whatever participants name has names meant to break pages. */
import type { Sample } from '@crunch-node/projections/testing';
import type { ReportOptions } from '@crunch-node/report';
import { CommandRefused } from '@crunch-node/service';
import {
  addSeconds,
  CheckpointCreated,
  checkpoints,
  EnsembleSignalled,
  FeedRecorded,
  feeds,
  type Instant,
  millisOf,
  predictions,
  RoundPredicted,
  RoundScored,
  roundId,
  SnapshotTaken,
  scores,
  signals,
  snapshots,
} from '@crunch-node/streams';
import { CROWD, crowd, HOSTILE } from './crowd.ts';

const start: Instant = '2026-11-21T19:00:00.000000Z';
const ENSEMBLE = 'an ensemble <script>document.title="run"</script>';
const ENSEMBLE_ID = `__ensemble_${ENSEMBLE}__`;
export const [TAG = '', LONG = ''] = HOSTILE;
/** of a model whose id is no plain text either */
export const ODD_ID = 'a/b %41 "ü"?#1';

const ids = Array.from({ length: CROWD }, (_, i) => (i === CROWD - 1 ? ODD_ID : String(i + 1)));
const hostile = (i: number): string => HOSTILE[i] ?? `subject ${i}`;
const predictionId = (id: string, at: Instant): string => `PRE_${id}_${millisOf(at)}`;

/** Two rounds of everybody in a scope with a hostile name: one scored, one due. */
function rounds(): Sample[] {
  const scope = { subject: TAG, step_seconds: 60, resolve_horizon_seconds: 120 };
  const feed = { source: 'synthetic', subject: TAG, kind: 'candle', granularity: '1m' };
  const predicted = [60, 120].map((seconds) => {
    const at = addSeconds(start, seconds);
    return {
      stream: predictions,
      event: RoundPredicted.at(at, {
        round_id: roundId(0, LONG, at),
        partition: 0,
        scope_key: LONG,
        performed_at: at,
        config_id: 'CFG_1',
        scope,
        feed,
        resolvable_at: addSeconds(at, 120),
        input_id: `INP_${millisOf(at)}`,
        window: { first: 'feed:a', last: 'feed:b', count: 2 },
        predictions: ids.map((model_id, i) => ({
          prediction_id: predictionId(model_id, at),
          model_id,
          status: i % 5 === 0 ? ('ABSENT' as const) : ('PENDING' as const),
          runner_status: i % 5 === 0 ? null : ('SUCCESS' as const),
          reason: i % 5 === 0 ? hostile(i % 25) : null,
          inference_output: i % 5 === 0 ? {} : { value: i / 1_000 },
        })),
      }),
    };
  });
  const performed_at = addSeconds(start, 60);
  const end = addSeconds(start, 180);
  const scored = RoundScored.at(end, {
    round_id: roundId(0, LONG, performed_at),
    partition: 0,
    scope_key: LONG,
    scope,
    performed_at,
    resolvable_at: end,
    input_id: `INP_${millisOf(performed_at)}`,
    ground_truth: { profit: 0.01 },
    ground_truth_records: { entry: null, first: 'feed:1', last: 'feed:2', count: 2 },
    outcomes: ids
      .filter((_, i) => i % 5 !== 0)
      .map((model_id, i) => ({
        score_id: `SCR_${predictionId(model_id, performed_at)}`,
        prediction_id: predictionId(model_id, performed_at),
        model_id,
        inference_output: { value: i / 1_000 },
        outcome: i % 2 === 0 ? ('scored' as const) : ('failed' as const),
        result: i % 2 === 0 ? { value: i / 800, success: true, failed_reason: null } : null,
        success: i % 2 === 0,
        failed_reason: i % 2 === 0 ? null : `${TAG} ${LONG}`,
      })),
  });
  return [...predicted, { stream: scores, event: scored }];
}

function signalled(): Sample[] {
  const at = addSeconds(start, 120);
  const data = {
    name: ENSEMBLE,
    model_id: ENSEMBLE_ID,
    scope_key: LONG,
    scope: { subject: TAG },
    feed: null,
    input_id: 'INP_1',
    value: 0.5,
    members: ids.map((model_id) => ({ model_id, value: 0.5, weight: 1 / ids.length })),
    weights_cycle_end: start,
  };
  return [0, 60].map((seconds) => {
    const performed_at = addSeconds(at, seconds);
    const event = EnsembleSignalled.at(performed_at, {
      ...data,
      prediction_id: predictionId('ensemble', performed_at),
      performed_at,
      resolvable_at: addSeconds(performed_at, 120),
    });
    return { stream: signals, event };
  });
}

const snapshotOf = (model_id: string, i: number): Sample => {
  const end = addSeconds(start, 180);
  const event = SnapshotTaken.at(end, {
    snapshot_id: `SNAP_${i}`,
    model_id,
    cycle_end: end,
    period_start: addSeconds(end, -120),
    period_end: end,
    prediction_count: 1,
    failed_count: 0,
    result_summary: { value: i / 800, ic: 0.1, model_correlation: (i % 10) / 10 },
    unavailable: { contribution: hostile(i) },
    content_hash: String(i).padStart(64, '0'),
  });
  return { stream: snapshots, event };
};

function checkpoint(): Sample {
  const period_end = addSeconds(start, 240);
  const reward_pct = 1_000_000_000 / ids.length;
  const event = CheckpointCreated.at(period_end, {
    checkpoint_id: 'CKP_crowd',
    period_start: start,
    period_end,
    emission: {
      crunch: 'crunch-1',
      cruncher_rewards: ids.map((model_id, cruncher_index) => ({ cruncher_index, model_id, reward_pct })),
      compute_provider_rewards: [],
      data_provider_rewards: [],
    },
    snapshot_count: ids.length,
    ranking: ids.map((model_id, i) => ({
      model_id,
      prediction_count: 1,
      snapshot_count: 1,
      result_summary: { value: i / 800 },
      rank: i + 1,
    })),
    merkle_root: 'c'.repeat(64),
  });
  return { stream: checkpoints, event };
}

const recorded = (_: unknown, i: number): Sample => {
  const at = addSeconds(start, 60);
  const feed = { source: 'synthetic', subject: hostile(i), kind: 'candle', granularity: '1m' };
  const values = { close: 100 + i, note: TAG };
  return { stream: feeds, event: FeedRecorded.at(at, { ...feed, ts_event: millisOf(start), values, metadata: {} }) };
};

/** `crowd` with as much on every other page. */
export const crowdEverywhere = (): Sample[] => [
  ...crowd(CROWD, ids),
  ...Array.from({ length: CROWD }, recorded),
  ...rounds(),
  ...signalled(),
  ...[...ids, ENSEMBLE_ID].map(snapshotOf),
  checkpoint(),
];

type Operations = NonNullable<ReportOptions['operations']>;

/** A pipeline of many partitions, and a thousand letters whose senders chose their text. */
export function crowdOperations(): Operations {
  const verdict = {
    reached: start,
    behind_seconds: 61,
    behind_messages: 5,
    messages_per_second: 1.5,
    catch_up_seconds: 4,
    still_seconds: 90,
  };
  const letters = Array.from({ length: CROWD }, (_, i) => ({
    id: `dead:FEEDS:${i + 1}`,
    state: 'open' as const,
    since: start,
    stream: 'FEEDS',
    sequence: i + 1,
    nats_subject: `feeds.${LONG}`,
    reason: `expected JSON text, received ${hostile(i)}`,
    refused_by: 'feeds',
    readable: false,
    redrive: i === 1 ? `${TAG} ${LONG}` : null,
  }));
  const letter = async (id: string) => {
    const found = letters.find((each) => each.id === id);
    if (found === undefined) throw new CommandRefused(404, `there is no letter ${id}`);
    const payload = `${LONG} ${TAG}`;
    return { ...found, headers: {}, payload, payload_bytes: payload.length, settled_by: null };
  };
  return {
    status: async () => ({
      at: start,
      pace: 'live',
      stages: ['ingest', 'predict', 'score', LONG].flatMap((service) =>
        Array.from({ length: 64 }, (_, i) => ({
          ...verdict,
          service,
          partition: String(i),
          owner: i % 7 === 0 ? null : `${TAG} ${LONG}`,
          activity: i % 7 === 0 ? ('unowned' as const) : ('frozen' as const),
          waits_for: ['FEEDS', LONG],
        })),
      ),
      projections: [],
      postgres: `the connection was refused: ${LONG}`,
      generations: [],
      streams: [{ stream: LONG, messages: 1e9, last: 1e9, bytes: 1e12, created: start }],
      instances: { [TAG]: 3 },
      process: { host: LONG, pid: 1, uptime_seconds: 5, cpu_percent: 12, memory_bytes: 1e9 },
    }),
    letters: async () => letters,
    letter,
    redrive: (id) => letter(id),
    discard: (id) => letter(id),
  };
}
