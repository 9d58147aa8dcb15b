/** Predictions of a competition of densities: for each resolution a density per step of the horizon. */

import { AnswerPath } from './answer-path.ts';
import { centreOf, type Density } from './density.ts';
import { DensityFault, isRecord } from './density-fault.ts';
import { type DensityRules, plainDensity, readDensity } from './read-density.ts';

/** Length of a step in seconds, as text → one density per step, in order of time. */
export type StepDensities = Readonly<Record<string, readonly unknown[]>>;

export interface AnswerRules extends DensityRules {
  /** requested resolutions, in seconds */
  readonly steps: readonly number[];
}

/**
 * The densities of a prediction in one form, from any of the forms of the reference packages: by step (`predict_all`), a
 * list (`predict` of one step), a single density (birdgame), or by step under `densities`. Each may be wrapped in
 * `{ step, prediction }`.
 * @param horizon in seconds
 * @throws {DensityFault} where a density is missing, superfluous or invalid
 */
export function densitiesOf(
  answer: Readonly<Record<string, unknown>>,
  horizon: number,
  rules: AnswerRules,
): StepDensities {
  const given = byStep(answer, rules.steps);
  const taken: Record<string, readonly unknown[]> = {};
  for (const step of rules.steps) {
    if (step > horizon) continue;
    const list = given[step];
    const expected = Math.floor(horizon / step);
    if (!Array.isArray(list)) throw new DensityFault(String(step), `a list of ${expected} densities`, list);
    if (list.length !== expected) throw new DensityFault(String(step), `${expected} densities`, list.length);
    taken[step] = list.map((one: unknown, i) => {
      const density = unwrapped(one);
      readDensity(density, rules, new AnswerPath('', String(step), i));
      return plainDensity(density, rules);
    });
  }
  return taken;
}

function byStep(
  answer: Readonly<Record<string, unknown>>,
  steps: readonly number[],
): Readonly<Record<string, unknown>> {
  const [only] = steps;
  if (isRecord(answer.densities)) return answer.densities;
  if (steps.length === 1 && only !== undefined) {
    if (Array.isArray(answer.result)) return { [only]: answer.result };
    if ('type' in answer) return { [only]: [answer] };
  }
  return answer;
}

const unwrapped = (one: unknown): unknown =>
  isRecord(one) && !('type' in one) ? (one.prediction ?? one.density ?? one) : one;

/** The change it expects over the whole horizon, by its coarsest resolution. */
export function expectedMove(densities: StepDensities, rules: AnswerRules): number {
  const coarsest = Math.max(...Object.keys(densities).map(Number));
  return (densities[coarsest] ?? []).reduce<number>((sum, one) => sum + centreOf(readDensity(one, rules)), 0);
}

/** The densities of one resolution, in seconds as text. @throws {DensityFault} where they are no densities */
export type StepReader = (step: string) => readonly Density[];

/** Reads each resolution when it is first asked for, and only then. */
export function stepReader(densities: StepDensities, rules: DensityRules): StepReader {
  const known = new Map<string, readonly Density[]>();
  return (step) => {
    const read = known.get(step) ?? readSteps(densities[step], step, rules);
    known.set(step, read);
    return read;
  };
}

/** In order of time; an invalid density is a fault with its place. @throws {DensityFault} */
export const readSteps = (list: unknown, step: string, rules: DensityRules): readonly Density[] => {
  if (!Array.isArray(list)) throw new DensityFault(step, 'a list of densities', list);
  return list.map((one: unknown, i) => readDensity(unwrapped(one), rules, new AnswerPath('', step, i)));
};
