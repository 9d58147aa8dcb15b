/** Cycles as the stages would publish them, one after the other, while something else is measured. */
import type { EventLog } from '@crunch-node/eventlog';
import {
  type Event,
  type Instant,
  LeaderboardRanked,
  LeaderboardsCycleClosed,
  leaderboards,
  millisOf,
  PredictionsCycleClosed,
  predictions,
  RoundPredicted,
  RoundScored,
  roundId,
  ScoresCycleClosed,
  SnapshotsCycleClosed,
  SnapshotTaken,
  type StreamDefinition,
  scores,
  snapshots,
} from '@crunch-node/streams';
import { ENSEMBLE, SCOPES } from './month-of-rows.ts';

export interface Closer {
  /** Publishes a whole cycle that ends at `end`. @returns how far each stream has come */
  close(end: Instant): Promise<ReadonlyMap<string, number>>;
  end(): Promise<void>;
}

export function cycleCloser(log: EventLog, modelIds: readonly string[]): Closer {
  const publisher = log.publisher();
  let start: Instant | null = null;
  const unscored: RoundPredicted[] = [];
  return {
    async close(end) {
      const cycle = { start, end, config_hash: 'bench' };
      const published = new Map<string, number>();
      const asked = SCOPES.map((scope_key) => roundOf(scope_key, end, modelIds));
      const due = unscored.splice(0);
      unscored.push(...asked);
      const score = () => Math.random() - 0.5;
      const entry = (model_id: string, rank: number) => ({
        rank,
        model_id,
        score: { metrics: metricsOf(score), ranking: { key: 'score_recent', value: 1, direction: 'desc' as const } },
      });
      const events: [StreamDefinition, Event][] = [
        ...asked.map((round): [StreamDefinition, Event] => [predictions, round]),
        [predictions, PredictionsCycleClosed.at(end, { ...cycle, partition: 0 })],
        ...due.map((round): [StreamDefinition, Event] => [scores, scored(round, end, score)]),
        [scores, ScoresCycleClosed.at(end, { ...cycle, partition: 0, rounds: due.length, rounds_hash: 'x' })],
        ...[...modelIds, ENSEMBLE].map((model_id): [StreamDefinition, Event] => [
          snapshots,
          SnapshotTaken.at(end, {
            snapshot_id: `SNAP_${model_id}_${millisOf(end)}`,
            model_id,
            cycle_end: end,
            period_start: end,
            period_end: end,
            prediction_count: SCOPES.length,
            failed_count: 0,
            result_summary: { success: 1, ...metricsOf(score) },
            unavailable: {},
            content_hash: 'a'.repeat(64),
          }),
        ]),
        [snapshots, SnapshotsCycleClosed.at(end, { ...cycle, merkle: null, chain: null })],
        [
          leaderboards,
          LeaderboardRanked.at(end, {
            leaderboard_id: `LBR_${millisOf(end)}`,
            cycle_end: end,
            entries: modelIds.map((model_id, i) => entry(model_id, i + 1)),
            ensembles: [entry(ENSEMBLE, 1)],
          }),
        ],
        [leaderboards, LeaderboardsCycleClosed.at(end, { ...cycle, entries_hash: null })],
      ];
      start = end;
      await Promise.all(
        events.map(async ([stream, event]) => {
          const natsSubject = stream.events.find(({ type }) => type === event.type)!.natsSubjectOf(event.data as never);
          const { sequence } = await publisher.append(stream, { event, natsSubject });
          published.set(stream.name, Math.max(sequence, published.get(stream.name) ?? 0));
        }),
      );
      return published;
    },
    end: () => publisher.close(),
  };
}

const metricsOf = (score: () => number) =>
  Object.fromEntries(
    [
      'score_recent',
      'score_steady',
      'score_anchor',
      'value',
      'ic',
      'ic_sharpe',
      'hit_rate',
      'max_drawdown',
      'model_correlation',
    ].map((name) => [name, score()]),
  );

const roundOf = (scope_key: string, at: Instant, modelIds: readonly string[]): RoundPredicted => {
  const [subject = ''] = scope_key.split('-');
  return RoundPredicted.at(at, {
    round_id: roundId(0, scope_key, at),
    partition: 0,
    scope_key,
    performed_at: at,
    config_id: `CFG_${scope_key}`,
    scope: { subject, resolve_horizon_seconds: 300, step_seconds: 60 },
    feed: { source: 'bench', subject, kind: 'candle', granularity: '1m' },
    resolvable_at: at,
    input_id: `INP_${millisOf(at)}`,
    window: { first: 'feed:a', last: 'feed:b', count: 120 },
    predictions: modelIds.map((model_id) => ({
      prediction_id: `PRE_${model_id}_${scope_key}_${millisOf(at)}`,
      model_id,
      status: 'PENDING',
      runner_status: 'SUCCESS',
      reason: null,
      inference_output: { value: 0.5 },
    })),
  });
};

const scored = ({ data }: RoundPredicted, end: Instant, score: () => number): RoundScored =>
  RoundScored.at(end, {
    round_id: data.round_id,
    partition: 0,
    scope_key: data.scope_key,
    scope: data.scope,
    performed_at: data.performed_at,
    resolvable_at: end,
    input_id: data.input_id,
    ground_truth: { profit: 0.01 },
    ground_truth_records: null,
    outcomes: data.predictions.map(({ prediction_id, model_id, inference_output }) => ({
      score_id: `SCR_${prediction_id}`,
      prediction_id,
      model_id,
      outcome: 'scored',
      result: { value: score(), success: true, failed_reason: null },
      success: true,
      failed_reason: null,
      inference_output,
    })),
  });
