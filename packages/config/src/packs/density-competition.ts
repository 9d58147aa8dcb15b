/** Building blocks of competitions whose models predict densities, for packs and for an operator's own. */
import {
  type AnswerRules,
  crc32,
  DensityFault,
  type DensityRules,
  densitiesOf,
  expectedMove,
  type FeedRecord,
  type GroundTruth,
  type GroundTruthResolver,
  isEnsemble,
  levelsAt,
  MOST_POOLED_COMPONENTS,
  movesOver,
  type PricePath,
  priceOf,
  pricePath,
  resolveGroundTruth,
  type ScoringFunction,
  type StepDensities,
  type StepMoves,
  type StepReader,
  type StepScoring,
  scoreIntervals,
  scoreSteps,
  stepReader,
  type VolatilityRules,
  volatilityScore,
} from '@crunch-node/domain';
import { type JsonObject, microsOf, secondsBetween } from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import type { CrunchDefinition } from '../definition.ts';
import { bounded, LARGEST_ANSWER } from './bounded.ts';
import { checkedAnswers } from './checked-answers.ts';

export interface DensityCompetition extends DensityRules, StepScoring {
  /** subject → half the width of the grid at `base_step`, in units of its price; scores are in units of it */
  readonly half_widths: Readonly<Record<string, number>>;
  /** the same for other subjects, as a share of the price at the time of the round */
  readonly half_width_share: number;
  /** which of them is the `value` of a score */
  readonly value: 'crps' | 'log_score';
  /** whether direction and central interval of each step are judged too */
  readonly intervals: boolean;
  /** what is predicted: the change over each step, or the level at its end (birdgame) */
  readonly target: 'change' | 'level';
  /** score of the volatility along the horizon, added to `crps`; null: none */
  readonly volatility: VolatilityRules | null;
}

/** Steps of a schedule, in its scope under `steps`, in seconds; without them `step_seconds`. */
export function stepsOf(scope: JsonObject): number[] {
  const { steps, step_seconds } = scope;
  const given = Array.isArray(steps) ? steps : [step_seconds];
  return given.filter((step): step is number => typeof step === 'number' && Number.isInteger(step) && step > 0);
}

const clamped = (value: number): number => Math.min(LARGEST_ANSWER, Math.max(-LARGEST_ANSWER, value));

const pricesOf = ({ entry, records }: { entry: FeedRecord | null; records: readonly FeedRecord[] }) =>
  [...(entry === null ? [] : [entry]), ...records].flatMap(({ at, values }) => {
    const price = priceOf(values, 'close');
    return price === null ? [] : [{ time: microsOf(at) / 1e6, price }];
  });

/** Ground truth: price changes over every step of every resolution. */
const resolverOf =
  ({ half_widths, half_width_share, target, volatility }: DensityCompetition): GroundTruthResolver =>
  (window, round) => {
    const truth = resolveGroundTruth(window, round);
    if (truth === null) return null;
    const { entry_price, resolved_price } = truth as { entry_price: number; resolved_price: number };
    const horizon = secondsBetween(round.performed_at, round.resolvable_at);
    const prices = pricesOf(window);
    const start = microsOf(round.performed_at) / 1e6;
    const steps = stepsOf(round.scope).filter((step) => step <= horizon);
    const subject = String(round.scope.subject);
    const happened = target === 'level' ? levelsAt : movesOver;
    return {
      ...truth,
      actual_return: resolved_price - entry_price,
      half_width: Object.hasOwn(half_widths, subject)
        ? half_widths[subject]!
        : Math.abs(entry_price) * half_width_share,
      moves: Object.fromEntries(steps.map((step) => [step, happened(prices, start, horizon, step)])),
      ...(target === 'level' && { centre: entry_price }),
      ...(volatility?.horizon === horizon &&
        Object.hasOwn(volatility.factors, subject) && {
          volatility: {
            factor: volatility.factors[subject]!,
            seed: crc32(`${subject}:${Math.round(start) + horizon}`),
            path: pricePath(prices, start, horizon, Math.min(...steps)),
          },
        }),
    };
  };

interface HappenedVolatility {
  readonly factor: number;
  readonly seed: number;
  readonly path: PricePath;
}

/** Of a prediction that has one: as crunch-synth's evaluator has it, 0 where no path can be drawn from the densities. */
function volatilityOf(
  readStep: StepReader,
  steps: readonly number[],
  happened: HappenedVolatility | undefined,
  volatility: VolatilityRules | null,
): number {
  if (happened === undefined || volatility === null) return 0;
  const { path, seed, factor } = happened;
  const read = new Map(steps.map((step) => [step, readStep(String(step))]));
  try {
    return volatilityScore(read, path, seed, factor, volatility) ?? 0;
  } catch (error) {
    if (error instanceof DensityFault) return 0;
    throw error;
  }
}

function scorerOf(competition: DensityCompetition): ScoringFunction {
  const { value, intervals, volatility } = competition;
  return (prediction, truth: GroundTruth) => {
    const densities = (prediction.densities ?? {}) as StepDensities;
    const moves = truth.moves as StepMoves;
    const halfWidth = Number(truth.half_width);
    const centre = Number(truth.centre ?? 0);
    // An ensemble has the components of all its members.
    const limits = isEnsemble(String(prediction.model_id))
      ? { max_components: MOST_POOLED_COMPONENTS, max_depth: 8, quantiles: true }
      : competition;
    // Recorded densities have been rounded already.
    const rules: AnswerRules = { ...limits, digits: null, steps: Object.keys(moves).map(Number) };
    const readStep = stepReader(densities, rules);
    const ofSteps = scoreSteps(readStep, moves, halfWidth, competition, centre);
    const happened = truth.volatility as unknown as HappenedVolatility | undefined;
    const ofVolatility = volatilityOf(readStep, rules.steps, happened, volatility);
    const scores = { ...ofSteps, crps: ofSteps.crps + ofVolatility };
    return {
      value: scores[value],
      ...scores,
      ...(volatility !== null && { volatility: ofVolatility }),
      ...(intervals ? scoreIntervals(readStep, moves, halfWidth) : {}),
      // Beside the change that happened: of a level what it is above the one at the time of the prediction.
      prediction: Number(prediction.value ?? 0) - centre,
      actual_return: Number(truth.actual_return ?? 0),
      success: true,
      failed_reason: null,
    };
  };
}

const normal = (scale: number) => ({ type: 'builtin', name: 'norm', params: { loc: 0, scale } });
const exampleAnswers = [0.5, 1, 2].map((scale) => ({ value: 0, densities: { 60: [normal(scale)] } }));
const exampleTruths = [0.1, -0.7, 1.5].map((move) => ({ half_width: 5, actual_return: move, moves: { 60: [move] } }));

const number = () => Type.Number({ default: 0 });
const intervalScores = { direction: number(), covered: number(), interval_score: number() };

/** The parts of a configuration in which densities are predicted, checked, resolved and scored. */
export function densityCompetition(
  competition: DensityCompetition,
  schedules: CrunchDefinition['scheduled_predictions'],
) {
  const resolutions = [...new Set((schedules ?? []).flatMap(({ scope = {} }) => stepsOf(scope)))];
  const anything = () => Type.Optional(Type.Unknown());
  return {
    scheduled_predictions: schedules ?? [],
    output_type: Type.Object(
      {
        value: Type.Optional(bounded(LARGEST_ANSWER)),
        densities: anything(),
        result: anything(),
        type: anything(),
        ...Object.fromEntries(resolutions.map((step) => [String(step), anything()])),
      },
      { examples: exampleAnswers },
    ),
    post_predict_hook: checkedAnswers((answer, { scope, performed_at, resolvable_at }) => {
      const rules = { ...competition, steps: stepsOf(scope) };
      const densities = densitiesOf(answer, secondsBetween(performed_at, resolvable_at ?? performed_at), rules);
      return { value: clamped(expectedMove(densities, rules)), densities } as JsonObject;
    }),
    ground_truth_type: Type.Object({ half_width: Type.Number() }, { examples: exampleTruths }),
    resolve_ground_truth: resolverOf(competition),
    scoring_function: scorerOf(competition),
    score_type: Type.Object({
      value: number(),
      crps: number(),
      log_score: number(),
      steps: number(),
      ...(competition.intervals ? intervalScores : {}),
      ...(competition.volatility !== null && { volatility: number() }),
      prediction: number(),
      actual_return: number(),
      success: Type.Boolean({ default: true }),
      failed_reason: Type.Union([Type.String(), Type.Null()], { default: null }),
    }),
    call_method: {
      method: 'predict_all',
      args: [
        { name: 'subject', type: 'STRING' },
        { name: 'resolve_horizon_seconds', type: 'INT' },
        { name: 'steps', type: 'JSON' },
      ],
    },
    max_answer_size: 262_144,
  } satisfies CrunchDefinition;
}
