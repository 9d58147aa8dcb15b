import type { CommonConfig, EnsembleConfig, ScheduledPrediction, ScoringFunction } from '@crunch-node/domain';
import { Type } from '@sinclair/typebox';
import { bounded, LARGEST_ANSWER } from './packs/bounded.ts';
import { usualWindows } from './packs/windows.ts';

/** Used until an operator configures a scoring function: every score is 0, and the loader warns about it. */
export const unscored: ScoringFunction = () => ({ value: 0, success: true, failed_reason: null });

const defaultOutputType = Type.Object({ value: bounded(LARGEST_ANSWER) });

/** Extra keys are kept. */
const defaultScoreType = Type.Object({
  value: Type.Number({ default: 0 }),
  success: Type.Boolean({ default: true }),
  failed_reason: Type.Union([Type.String(), Type.Null()], { default: null }),
});

export const defaultSchedule: Omit<ScheduledPrediction, 'scope_key'> = {
  scope: {},
  prediction_interval_seconds: 60,
  resolve_horizon_seconds: 0,
  active: true,
  order: 0,
  meta: {},
};

export const defaultEnsemble: Omit<EnsembleConfig, 'name'> = {
  strategy: 'inverse_variance',
  filter: null,
  output_field: 'value',
  enabled: true,
};

/** All but the functions of the domain. One asset, one schedule, a day, three days and a week to rank by. */
export const defaultValues: Omit<CommonConfig, 'resolve_ground_truth' | 'aggregate_snapshot' | 'build_emission'> = {
  crunch_id: 'starter-challenge',
  crunch_pubkey: '',
  network: 'devnet',
  compute_provider: null,
  data_provider: null,

  feed: {
    provider: 'binance',
    subjects: ['BTCUSDT'],
    kind: 'candle',
    granularity: '1s',
    window: 120,
    backfill_minutes: 180,
    options: {},
  },
  feed_normalizer: 'candle',
  feed_subject_mapping: {},

  scope: { subject: 'BTCUSDT', step_seconds: 15 },
  call_method: {
    method: 'predict',
    args: [
      { name: 'subject', type: 'STRING' },
      { name: 'resolve_horizon_seconds', type: 'INT' },
      { name: 'step_seconds', type: 'INT' },
    ],
  },
  feed_update_method: 'feed_update',
  scheduled_predictions: [
    {
      ...defaultSchedule,
      scope_key: 'BTCUSDT-60',
      scope: { subject: 'BTCUSDT' },
      prediction_interval_seconds: 15,
      resolve_horizon_seconds: 60,
    },
  ],

  input_type: null,
  output_type: defaultOutputType,
  ground_truth_type: null,
  score_type: defaultScoreType,

  scoring_function: unscored,
  max_ground_truth_staleness_fraction: 0.2,
  aggregation: {
    windows: usualWindows,
    value_field: 'value',
    ranking_key: 'score_recent',
    ranking_direction: 'desc',
  },
  metrics: ['ic', 'hit_rate', 'mean_return', 'max_drawdown'],
  custom_metrics: {},
  metrics_every: 10,
  ensembles: [],
  pre_feed_update_hook: null,
  post_predict_hook: null,

  cycle_seconds: 60,
  lateness_seconds: 30,
  checkpoint_interval_seconds: 604_800,
  partitions: 8,
  model_timeout_seconds: 60,
  performance: { timing_endpoint_enabled: true },
};
