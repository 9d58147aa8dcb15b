/**
 * Density steps and quantiles scored in a second of processor time, in one process, by the scoring functions of the
 * packs: a day of crunch-synth is 317 steps of four resolutions, each scored over a grid of 1024 points.
 *
 * `scripts/bench packs [answers]`; the last line is JSON.
 */
import { defineCrunch, densityPack, forecastLevels, intervalPack, quantilePack } from '@crunch-node/config';
import type { CrunchConfig, GroundTruth } from '@crunch-node/domain';
import type { Json, JsonObject } from '@crunch-node/streams';
import { machine } from './support/machine.ts';
import { rounded } from './support/statistics.ts';
import { tableOf } from './support/table.ts';

const ANSWERS = Number(process.argv[2] ?? 60);
const STEPS = [300, 3_600, 21_600, 86_400];
const HORIZON = 86_400;
const HALF_WIDTH = 1_500;

/** The same numbers in every run, and no two steps alike. */
let state = 1;
const dice = (): number => {
  state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647;
  return state / 2_147_483_647;
};

const normal = (size: number): JsonObject => ({
  type: 'builtin',
  name: 'norm',
  params: { loc: size * (dice() - 0.5), scale: size * (0.5 + dice()) },
});
const heavy = (size: number): JsonObject => ({
  type: 'builtin',
  name: 't',
  params: { df: 3 + 5 * dice(), loc: 0, scale: size * (0.5 + dice()) },
});
const mixture = (size: number): JsonObject => ({
  type: 'mixture',
  components: [1, 2, 3].map(() => ({ density: normal(size), weight: dice() })),
});

interface Measured {
  readonly title: string;
  readonly steps: number;
  readonly per_second: number;
}

const count = STEPS.reduce((sum, step) => sum + HORIZON / step, 0);
const perStep = <T>(each: (step: number) => T): Record<string, T[]> =>
  Object.fromEntries(STEPS.map((step) => [step, Array.from({ length: HORIZON / step }, () => each(step))]));

/** Answers are read, scored and summed up as in a stage, each of them different. */
function measure(
  title: string,
  config: CrunchConfig,
  answers: readonly JsonObject[],
  truth: GroundTruth,
  steps: number,
): Measured {
  const run = (): number => {
    const from = process.cpuUsage();
    for (const answer of answers) {
      const { value } = config.scoring_function({ ...answer, model_id: 'm', prediction_id: 'p' }, truth);
      if (!Number.isFinite(value)) throw new Error(`expected a finite score, received ${String(value)}`);
    }
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1_000;
  };
  run();
  const ms = Math.min(run(), run(), run());
  return { title, steps: steps * answers.length, per_second: Math.round((1000 * steps * answers.length) / ms) };
}

const sizeOf = (step: number): number => 60 * Math.sqrt(step / 300);
const truth = (): GroundTruth => ({
  half_width: HALF_WIDTH,
  actual_return: 1,
  moves: perStep((step) => 2 * sizeOf(step) * (dice() - 0.5)),
});
const densities = (title: string, pack: CrunchConfig, shape: (size: number) => JsonObject): Measured => {
  const answers = Array.from({ length: ANSWERS }, () => ({
    value: 0,
    densities: perStep((step): Json => shape(sizeOf(step))),
  }));
  return measure(title, pack, answers, truth(), count);
};

const [synth, condor, flu] = [densityPack, intervalPack, quantilePack].map((pack) => defineCrunch(pack)) as [
  CrunchConfig,
  CrunchConfig,
  CrunchConfig,
];
const same = Array.from({ length: ANSWERS }, () => {
  const [one] = [normal(60)];
  return { value: 0, densities: perStep((): Json => one!) };
});
const forecasts = Array.from({ length: 400 * ANSWERS }, () => {
  const [centre, width] = [dice() - 0.5, 0.5 + dice()];
  return { quantiles: Object.fromEntries(forecastLevels.map((level) => [level, centre + width * (level - 0.5)])) };
});

const results = [
  densities('density: a normal distribution', synth, normal),
  densities("density: Student's t", synth, heavy),
  densities('density: a mixture of three', synth, mixture),
  measure('density: one for all steps', synth, same, truth(), count),
  densities('interval: a normal distribution', condor, normal),
  densities('interval: a mixture of three', condor, mixture),
  measure('quantile: 23 levels', flu, forecasts, { truth: 0.1 }, forecastLevels.length),
];
const shown = tableOf(['scored', 'steps or quantiles', 'a second']);
for (const { title, steps, per_second } of results) shown.push([title, steps, per_second]);
console.log(shown.toString());
console.log(
  JSON.stringify({
    bench: 'packs',
    answers: ANSWERS,
    points: 1024,
    ...Object.fromEntries(
      results.map(({ title, per_second }) => [title.replaceAll(/[^a-z0-9]+/gi, '_').toLowerCase(), per_second]),
    ),
    peak_rss_mb: rounded(process.memoryUsage().rss / 2 ** 20),
    ...machine(),
  }),
);
