/** Ensembles of predictions that are more than numbers: densities by step, and quantiles. */
import type { Json, JsonObject } from '@crunch-node/streams';
import { densityKey, ppf } from '../densities/density.ts';
import { isRecord } from '../densities/density-fault.ts';
import { quantileStandard } from '../densities/quantile-density.ts';
import { type DensityRules, readDensity } from '../densities/read-density.ts';
import { whereReached } from '../densities/special.ts';
import { jsonBytes } from '../sizes/event-room.ts';
import type { CombineRule } from './ensemble-config.ts';

export interface WeightedAnswer {
  readonly model_id: string;
  readonly output: JsonObject;
  readonly weight: number;
}

/** At most this many members, the heaviest, are combined: a larger mixture costs more than it adds. */
export const MOST_COMBINED = 20;
/** Leaves of a mixture that scoring still takes. */
export const MOST_POOLED_COMPONENTS = 100;

/** Loose rules: recorded predictions were checked by the competition's own rules before. */
const RECORDED: DensityRules = { max_components: MOST_POOLED_COMPONENTS, max_depth: 8, quantiles: true, digits: null };

/** Levels at which densities are averaged: every 5 %, and closer in the tails. */
export const AVERAGED_LEVELS: readonly number[] = [
  0.005,
  0.01,
  0.025,
  ...Array.from({ length: 19 }, (_, i) => (i + 1) / 20),
  0.975,
  0.99,
  0.995,
];

/**
 * Combines several predictions of the same form, `densities` by step or `quantiles`. Where the result would be larger
 * than `room` bytes, fewer members take part; null where none is left, or they cannot be combined.
 */
export function combineAnswers(
  rule: Exclude<CombineRule, 'mean'>,
  answers: readonly WeightedAnswer[],
  room: number,
): JsonObject | null {
  const heaviest = [...answers].sort((a, b) => b.weight - a.weight);
  for (let count = Math.min(MOST_COMBINED, heaviest.length); count > 0; count = Math.floor(count / 2)) {
    const combined = combineAll(rule, heaviest.slice(0, count));
    if (combined !== null && jsonBytes(combined) <= room) return combined;
  }
  return null;
}

function combineAll(rule: Exclude<CombineRule, 'mean'>, answers: readonly WeightedAnswer[]): JsonObject | null {
  try {
    if (answers.every(({ output }) => isRecord(output.densities))) return { densities: densitiesOf(rule, answers) };
    if (answers.every(({ output }) => isRecord(output.quantiles))) return { quantiles: quantilesOf(rule, answers) };
  } catch (error) {
    if (!(error instanceof Error && error.name === 'DensityFault')) throw error;
  }
  return null;
}

/** Steps that all of them have. */
function densitiesOf(rule: Exclude<CombineRule, 'mean'>, answers: readonly WeightedAnswer[]): JsonObject {
  const lists = answers.map(({ output }) => output.densities as Readonly<Record<string, readonly Json[]>>);
  const quantilesAt = rememberedQuantiles();
  const combine = (members: Weighted) =>
    rule === 'linear_pool' ? mixtureOf(members) : averageOf(members, quantilesAt);
  const steps: Record<string, Json[]> = {};
  for (const [step, first] of Object.entries(lists[0]!)) {
    if (lists.some((list) => list[step]?.length !== first.length)) continue;
    steps[step] = first.map((_, i) =>
      combine(answers.map(({ weight }, k) => ({ weight, density: lists[k]![step]![i]! }))),
    );
  }
  return steps;
}

type Weighted = readonly { readonly weight: number; readonly density: Json }[];

/** Equal densities are one component. */
function mixtureOf(members: Weighted): Json {
  const known = new Map<string, { density: Json; weight: number }>();
  for (const { density, weight } of members) {
    const key = JSON.stringify(density);
    const same = known.get(key);
    if (same === undefined) known.set(key, { density, weight });
    else same.weight += weight;
  }
  const pooled = { type: 'mixture', components: [...known.values()] };
  readDensity(pooled, RECORDED);
  return pooled;
}

function averageOf(members: Weighted, quantilesAt: (density: Json) => readonly number[]): Json {
  const total = members.reduce((sum, { weight }) => sum + weight, 0);
  const own = members.map(({ density, weight }) => ({ share: weight / total, values: quantilesAt(density) }));
  const quantiles: Record<string, number> = {};
  let last = Number.NEGATIVE_INFINITY;
  AVERAGED_LEVELS.forEach((level, i) => {
    last = Math.max(
      last,
      own.reduce((sum, { share, values }) => sum + share * values[i]!, 0),
    );
    quantiles[level] = last;
  });
  return { type: 'quantiles', quantiles };
}

/** At {@link AVERAGED_LEVELS}; remembered because the steps of a prediction are often equal. */
function rememberedQuantiles(): (density: Json) => readonly number[] {
  const known = new Map<string, readonly number[]>();
  return (given) => {
    const density = readDensity(given, RECORDED);
    const key = densityKey(density);
    const values = known.get(key) ?? AVERAGED_LEVELS.map((level) => ppf(density, level));
    known.set(key, values);
    return values;
  };
}

/** Of levels that all of them have. */
function quantilesOf(rule: Exclude<CombineRule, 'mean'>, answers: readonly WeightedAnswer[]): JsonObject {
  const lists = answers.map(({ output }) => output.quantiles as Readonly<Record<string, number>>);
  const levels = Object.keys(lists[0]!)
    .filter((level) => lists.every((list) => Object.hasOwn(list, level)))
    .sort((a, b) => Number(a) - Number(b));
  const total = answers.reduce((sum, { weight }) => sum + weight, 0);
  const shares = answers.map(({ weight }) => weight / total);
  if (rule === 'quantile_average') {
    const meanAt = (level: string) => lists.reduce((sum, list, i) => sum + shares[i]! * list[level]!, 0);
    return Object.fromEntries(levels.map((level) => [level, meanAt(level)]));
  }
  const members = lists.map((list) =>
    quantileStandard({ levels: levels.map(Number), values: levels.map((level) => list[level]!).sort((a, b) => a - b) }),
  );
  const pooled = (x: number) => members.reduce((sum, { cdf }, i) => sum + shares[i]! * cdf(x), 0);
  return Object.fromEntries(
    levels.map((level) => {
      const own = members.map(({ ppf: quantile }) => quantile(Number(level)));
      return [level, whereReached(pooled, Number(level), [Math.min(...own), Math.max(...own)])];
    }),
  );
}
