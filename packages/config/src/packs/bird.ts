import type { CrunchDefinition } from '../definition.ts';
import { secondsBetweenRecords } from '../granularity.ts';
import { synthCompetition } from './density.ts';
import { type DensityCompetition, densityCompetition } from './density-competition.ts';
import { birdInput } from './tracker-input.ts';
import { usualWindows } from './windows.ts';

/** Birdgame 0.3.1: one density of a place, judged by ln(1e-10 + f(x)). */
export const birdCompetition: DensityCompetition = {
  ...synthCompetition,
  max_components: 5,
  digits: null,
  half_widths: {},
  value: 'log_score',
  target: 'level',
  volatility: null,
};

/** Seconds between a prediction and the place it is about. */
export const BIRD_HORIZON = 3;

/**
 * A competition that follows one thing: at every record a density of where it will be after a horizon. Models are ranked
 * by the mean logarithm of the density at the place where it was.
 * @param horizon in seconds, a multiple of the time between two records
 */
export function birdPackFor(subject: string, granularity: string, horizon = BIRD_HORIZON) {
  const recordSeconds = secondsBetweenRecords(granularity);
  const schedules = [
    {
      scope_key: `${subject.toLowerCase()}-${horizon}s`,
      scope: { subject, steps: [horizon] },
      prediction_interval_seconds: Math.max(1, recordSeconds),
      resolve_horizon_seconds: horizon,
    },
  ];
  return {
    ...densityCompetition(birdCompetition, schedules),
    feed: { provider: 'binance', subjects: [subject], kind: 'candle', granularity },
    feed_update_method: 'tick',
    // Its trackers take performance metrics as a second argument, and do without any in it.
    feed_update_args: [{}],
    pre_feed_update_hook: birdInput,
    model_arguments: { horizon },
    call_method: { method: 'predict', args: [] },
    scope: { subject, step_seconds: recordSeconds },
    metrics: ['mean_score', 'ic'],
    custom_metrics: { mean_score: 'mean(scores)' },
    aggregation: {
      windows: usualWindows,
      value_field: 'value',
      ranking_key: 'score_recent',
      ranking_direction: 'desc',
    },
    ensembles: [
      { name: 'pool', strategy: 'equal_weight', combine: 'linear_pool' },
      { name: 'average2', strategy: 'equal_weight', combine: 'quantile_average', filter: { top_n: 2 } },
    ],
  } satisfies CrunchDefinition;
}
