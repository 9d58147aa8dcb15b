import type { VolatilityRules } from '@crunch-node/domain';
import type { CrunchDefinition } from '../definition.ts';
import { secondsBetweenRecords } from '../granularity.ts';
import { type DensityCompetition, densityCompetition } from './density-competition.ts';
import { trackerInput } from './tracker-input.ts';

/** The volatility term that crunch-synth 0.15.0 adds to predictions of an hour, factors of October 2026. */
export const synthVolatility: VolatilityRules = {
  horizon: 3_600,
  paths: 1_000,
  blocks: [
    { seconds: 3_600, weight: 5.25 / 3 },
    { seconds: 900, weight: 5.25 / 12 },
    { seconds: 300, weight: 5.25 / 36 },
  ],
  factors: { BTC: 0.00310804, ETH: 0.00183436, SOL: 0.00161268, XRP: 0.00204925, HYPE: 0.00389259 },
};

/** Crunch-synth 0.15.0: components, rounding, grid, widths and volatility of its evaluator. */
export const synthCompetition: DensityCompetition = {
  max_components: 3,
  max_depth: 3,
  quantiles: false,
  digits: 6,
  base_step: 300,
  points: 1024,
  normalised: true,
  half_widths: {
    BTC: 1500,
    SOL: 4,
    ETH: 80,
    XAUT: 33,
    SP500: 21,
    NVDAX: 2.3,
    TSLAX: 5.9,
    AAPLX: 2.8,
    GOOGLX: 3.6,
    XRP: 0.04,
    HYPE: 1.3,
    WTIOIL: 1.2,
    SPCX: 6,
  },
  half_width_share: 0.015,
  value: 'crps',
  intervals: false,
  target: 'change',
  volatility: synthVolatility,
};

/** Condorgame 0.5.3: a coarser grid that loses mass beyond its ends. Direction and central interval are scored too. */
export const condorCompetition: DensityCompetition = {
  ...synthCompetition,
  points: 256,
  normalised: false,
  half_widths: { BTC: 1500, SOL: 4, ETH: 80, XAUT: 28, SPYX: 2.4, NVDAX: 2.3, TSLAX: 5.4, AAPLX: 1.7, GOOGLX: 2.3 },
  intervals: true,
  volatility: null,
};

/** Horizon, steps and interval of rounds; all in seconds. */
export interface ForecastProfile {
  readonly name: string;
  readonly horizon: number;
  readonly steps: readonly number[];
  readonly interval: number;
}

/** Those of both games; crunch-synth has rounds every 39 and every 8 minutes by now. */
export const forecastProfiles: readonly ForecastProfile[] = [
  { name: '24h', horizon: 86_400, steps: [300, 3_600, 21_600, 86_400], interval: 3_600 },
  { name: '1h', horizon: 3_600, steps: [60, 300, 900, 1_800, 3_600], interval: 720 },
];

/** Two horizons of 15 and 30 records, for a demonstration that is over soon. */
export const shortProfiles = (recordSeconds: number): readonly ForecastProfile[] => [
  {
    name: '15',
    horizon: 15 * recordSeconds,
    steps: [1, 5, 15].map((n) => n * recordSeconds),
    interval: 5 * recordSeconds,
  },
  {
    name: '30',
    horizon: 30 * recordSeconds,
    steps: [1, 5, 30].map((n) => n * recordSeconds),
    interval: 10 * recordSeconds,
  },
];

const QUOTES = /(?<=.)(USDT|USDC|USD)$/;

/** `BTCUSDT` → `BTC`, the name in the packages' models. */
export const assetNames = (subjects: readonly string[]): Readonly<Record<string, string>> => {
  const bases = subjects.map((subject) => subject.replace(QUOTES, ''));
  return Object.fromEntries(
    subjects.map((subject, i) => [subject, bases.filter((one) => one === bases[i]).length === 1 ? bases[i]! : subject]),
  );
};

/**
 * A competition of densities on these subjects. Models are ranked by their CRPS among that of their round: 1 for the
 * best, 0 for the worst 5 %, over a week.
 */
export function densityPackFor(
  subjects: readonly string[],
  granularity: string,
  profiles: readonly ForecastProfile[] = forecastProfiles,
  competition: DensityCompetition = synthCompetition,
) {
  const recordSeconds = secondsBetweenRecords(granularity);
  const assets = assetNames(subjects);
  const schedules = Object.values(assets).flatMap((asset) =>
    profiles.map(({ name, horizon, steps, interval }) => ({
      scope_key: `${asset.toLowerCase()}-${name}`,
      scope: { subject: asset, steps: [...steps] },
      prediction_interval_seconds: interval,
      resolve_horizon_seconds: horizon,
    })),
  );
  return {
    ...densityCompetition(competition, schedules),
    feed: { provider: 'binance', subjects, kind: 'candle', granularity, window: 240 },
    feed_subject_mapping: assets,
    feed_update_method: 'tick',
    pre_feed_update_hook: trackerInput(recordSeconds),
    scope: { subject: Object.values(assets)[0] ?? 'BTC', step_seconds: recordSeconds },
    metrics: ['mean_score', 'ic'],
    custom_metrics: { mean_score: 'mean(scores)' },
    aggregation: {
      windows: [
        { name: 'score_recent', hours: 24 },
        { name: 'score_steady', hours: 72 },
        { name: 'score_anchor', hours: 168 },
      ],
      relative: { of: 'crps', name: 'relative_score', better: 'asc', worst_percentile: 95 },
      value_field: 'relative_score',
      ranking_key: 'score_anchor',
      ranking_direction: 'desc',
    },
    ensembles: [
      { name: 'pool', strategy: 'equal_weight', combine: 'linear_pool' },
      { name: 'average3', strategy: 'equal_weight', combine: 'quantile_average', filter: { top_n: 3 } },
    ],
    model_timeout_seconds: 40,
  } satisfies CrunchDefinition;
}

/** The assets both games share that Binance has, minute candles. */
export const densityPack = densityPackFor(['BTCUSDT', 'ETHUSDT', 'SOLUSDT'], '1m');

/** The same as condorgame has it. */
export const intervalPackFor = (
  subjects: readonly string[],
  granularity: string,
  profiles: readonly ForecastProfile[] = forecastProfiles,
) => {
  const pack = densityPackFor(subjects, granularity, profiles, condorCompetition);
  return { ...pack, metrics: ['mean_score', 'ic', 'hit_rate'] } satisfies CrunchDefinition;
};

export const intervalPack = intervalPackFor(['BTCUSDT', 'ETHUSDT', 'SOLUSDT'], '1m');
