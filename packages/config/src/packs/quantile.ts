import {
  type GroundTruthResolver,
  type QuantileRules,
  quantileRecord,
  quantilesOf,
  resolveGroundTruth,
  type ScoringFunction,
  scoreQuantiles,
} from '@crunch-node/domain';
import type { JsonObject } from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import type { CrunchDefinition } from '../definition.ts';
import { secondsBetweenRecords } from '../granularity.ts';
import { bounded, LARGEST_ANSWER } from './bounded.ts';
import { checkedAnswers } from './checked-answers.ts';

/** Those of the flu forecasts of the CDC: a median and eleven central intervals. */
export const forecastLevels: readonly number[] = [
  0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95,
  0.975, 0.99,
];

export const defaultQuantiles: QuantileRules = {
  levels: forecastLevels,
  crossing: 'scored',
  missing: 'refused',
  largest: 1e9,
};

/** Predictions are ten thousandths of a return, so that they are readable numbers. */
const BASIS_POINTS = 10_000;

const resolveReturn: GroundTruthResolver = (window, round) => {
  const truth = resolveGroundTruth(window, round);
  return truth === null ? null : { ...truth, truth: Number(truth.profit) * BASIS_POINTS };
};

const middleOf = ({ levels, values }: { levels: readonly number[]; values: readonly number[] }): number =>
  values[levels.findIndex((level) => level >= 0.5 - 1e-9)] ?? values.at(-1) ?? 0;

const scorerOf =
  (rules: QuantileRules): ScoringFunction =>
  (prediction, { truth }) => {
    const points = quantilesOf(prediction, rules);
    const { wis, coverage, coverage_gap, ...scores } = scoreQuantiles(Number(truth), points);
    return {
      value: wis ?? scores.crps,
      ...scores,
      ...(wis === null ? {} : { wis }),
      ...(coverage === null ? {} : { coverage, coverage_gap }),
      prediction: middleOf(points),
      actual_return: Number(truth),
      success: true,
      failed_reason: null,
    };
  };

const number = () => Type.Number({ default: 0 });

/**
 * The parts of a configuration in which quantiles are predicted, checked and scored. Ground truth is `truth`, the return
 * over the horizon in basis points unless another resolver is given.
 */
export function quantileCompetition(rules: QuantileRules = defaultQuantiles) {
  const anything = () => Type.Optional(Type.Unknown());
  const exampleOf = (size: number) => ({
    value: size / 2,
    quantiles: Object.fromEntries(rules.levels.map((level) => [String(level), size * level])),
  });
  return {
    output_type: Type.Object(
      { value: Type.Optional(bounded(LARGEST_ANSWER)), quantiles: anything(), result: anything() },
      { examples: [1, 3, 9].map(exampleOf) },
    ),
    post_predict_hook: checkedAnswers((answer): JsonObject => {
      const points = quantilesOf(answer, rules);
      return { value: middleOf(points), quantiles: quantileRecord(points) };
    }),
    ground_truth_type: Type.Object({ truth: Type.Number() }, { examples: [{ truth: 1 }, { truth: -2 }, { truth: 5 }] }),
    resolve_ground_truth: resolveReturn,
    scoring_function: scorerOf(rules),
    score_type: Type.Object({
      value: number(),
      pinball: number(),
      crps: number(),
      wis: Type.Optional(Type.Number()),
      coverage: Type.Optional(Type.Number()),
      coverage_gap: Type.Optional(Type.Number()),
      crossings: number(),
      prediction: number(),
      actual_return: number(),
      success: Type.Boolean({ default: true }),
      failed_reason: Type.Union([Type.String(), Type.Null()], { default: null }),
    }),
  } satisfies CrunchDefinition;
}

/** Predict quantiles of each subject's return over five and fifteen records. Less is better. */
export function quantilePackFor(
  subjects: readonly string[],
  granularity: string,
  rules: QuantileRules = defaultQuantiles,
) {
  const recordSeconds = secondsBetweenRecords(granularity);
  const schedules = subjects.flatMap((subject) =>
    [5, 15].map((records) => ({
      scope_key: `${subject.toLowerCase()}-${records * recordSeconds}s`,
      scope: { subject },
      prediction_interval_seconds: 5 * recordSeconds,
      resolve_horizon_seconds: records * recordSeconds,
    })),
  );
  return {
    ...quantileCompetition(rules),
    feed: { provider: 'binance', subjects, kind: 'candle', granularity },
    scope: { subject: subjects[0] ?? 'BTCUSDT', step_seconds: recordSeconds },
    scheduled_predictions: schedules,
    metrics: ['mean_score', 'ic', 'hit_rate'],
    custom_metrics: { mean_score: 'mean(scores)' },
    aggregation: {
      windows: [
        { name: 'score_recent', hours: 24 },
        { name: 'score_steady', hours: 72 },
        { name: 'score_anchor', hours: 168 },
      ],
      value_field: 'value',
      ranking_key: 'score_recent',
      ranking_direction: 'asc',
    },
    ensembles: [
      { name: 'average', strategy: 'equal_weight', combine: 'quantile_average' },
      { name: 'pool3', strategy: 'equal_weight', combine: 'linear_pool', filter: { top_n: 3 } },
    ],
  } satisfies CrunchDefinition;
}

/** Bitcoin and ether, minute candles. */
export const quantilePack = quantilePackFor(['BTCUSDT', 'ETHUSDT'], '1m');
