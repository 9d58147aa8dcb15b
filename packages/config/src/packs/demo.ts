import type { CrunchDefinition } from '../definition.ts';
import { secondsBetweenRecords } from '../granularity.ts';
import { BIRD_HORIZON, birdPackFor } from './bird.ts';
import { densityPackFor, intervalPackFor, shortProfiles } from './density.ts';
import { quantilePackFor } from './quantile.ts';
import { realtimePack } from './realtime.ts';
import { tournamentPack } from './tournament.ts';
import { tradingPackFor } from './trading.ts';
import { usualWindows } from './windows.ts';

const schedule = (subject: string, order: number, recordSeconds: number) => ({
  scope_key: `${subject.toLowerCase()}-${2 * recordSeconds}s`,
  scope: { subject },
  prediction_interval_seconds: recordSeconds,
  resolve_horizon_seconds: 2 * recordSeconds,
  order,
});

/** Small and quick, with rewards every hour and providers to pay. */
const demonstration = {
  // Enough to try sharing with: each has messages of its own in every cycle, also one without a model.
  partitions: 3,
  crunch_id: 'demo',
  crunch_pubkey: 'demo-crunch',
  compute_provider: 'demo-compute',
  data_provider: 'demo-data',
  cycle_seconds: 60,
  checkpoint_interval_seconds: 3600,
  model_timeout_seconds: 1,
} satisfies CrunchDefinition;

/**
 * The competition of `crunch-node up --demo`: a round for every asset at each of its records, with a horizon of two
 * records, and rewards every hour. All models together and the best three form ensembles.
 */
export function demoPackFor(subjects: readonly string[], granularity: string) {
  const recordSeconds = secondsBetweenRecords(granularity);
  return {
    ...realtimePack,
    ...demonstration,
    feed: { provider: 'synthetic', subjects, kind: 'candle', granularity },
    scope: { subject: subjects[0] ?? 'BTCUSDT', step_seconds: recordSeconds },
    scheduled_predictions: subjects.map((subject, order) => schedule(subject, order, recordSeconds)),
    metrics: ['ic', 'hit_rate', 'mean_return', 'max_drawdown'],
    aggregation: {
      windows: usualWindows,
      value_field: 'value',
      ranking_key: 'score_recent',
      ranking_direction: 'desc',
    },
    ensembles: [{ name: 'main' }, { name: 'top3', strategy: 'equal_weight', filter: { top_n: 3 } }],
  } satisfies CrunchDefinition;
}

/** Two assets, minute candles. */
export const demoPack = demoPackFor(['BTCUSDT', 'ETHUSDT'], '1m');

/** The same assets, traded on paper. */
export function tradingDemoPackFor(subjects: readonly string[], granularity: string) {
  const pack = tradingPackFor(subjects, granularity);
  const feed = { ...pack.feed, provider: 'synthetic' };
  return { ...pack, ...demonstration, ensembles: [], feed } satisfies CrunchDefinition;
}

const overSynthetic = <P extends CrunchDefinition>(pack: P) =>
  ({
    ...pack,
    ...demonstration,
    model_timeout_seconds: 10, // a prediction of many densities takes its time on a busy machine
    feed: { ...pack.feed, provider: 'synthetic' },
  }) satisfies CrunchDefinition;

/** Densities of the same assets over two horizons, each in several steps. */
export const densityDemoPackFor = (subjects: readonly string[], granularity: string) =>
  overSynthetic(densityPackFor(subjects, granularity, shortProfiles(secondsBetweenRecords(granularity))));

/** The same by the rules of condorgame. */
export const intervalDemoPackFor = (subjects: readonly string[], granularity: string) =>
  overSynthetic(intervalPackFor(subjects, granularity, shortProfiles(secondsBetweenRecords(granularity))));

/** Where the first of them is three records later, by the rules of birdgame. */
export const birdDemoPackFor = (subjects: readonly string[], granularity: string) =>
  overSynthetic(birdPackFor(subjects[0] ?? 'BTCUSDT', granularity, BIRD_HORIZON * secondsBetweenRecords(granularity)));

/** Quantiles of the same assets' returns. */
export const quantileDemoPackFor = (subjects: readonly string[], granularity: string) =>
  overSynthetic(quantilePackFor(subjects, granularity));

/** Prices of houses, in rounds on demand; quick cycles, so that scores and rewards appear at once. */
export const tournamentDemoPack = {
  ...tournamentPack,
  ...demonstration,
  cycle_seconds: 1,
  checkpoint_interval_seconds: 5,
  model_timeout_seconds: 5,
} satisfies CrunchDefinition;

export const tradingDemoPack = tradingDemoPackFor(['BTCUSDT', 'ETHUSDT'], '1m');
