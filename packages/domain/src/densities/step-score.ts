/** The score of a prediction of many steps: the sum of its steps' scores in units of what is usual for the asset. */
import { cdf, type Density, isSameDensity, ppf } from './density.ts';
import type { StepReader } from './density-answer.ts';
import { DensityFault } from './density-fault.ts';
import { type CrpsGrid, GridScorer } from './grid-crps.ts';
import { logScore } from './log-score.ts';
import type { Moves } from './moves.ts';

export interface StepScoring {
  /** seconds of the resolution whose grid has the width of the asset; coarser ones have a wider grid */
  readonly base_step: number;
  readonly points: number;
  readonly normalised: boolean;
}

/** Step in seconds, as text → actual move. */
export type StepMoves = Readonly<Record<string, Moves>>;

export interface StepScores {
  /** sum over all steps of all resolutions, over the width: lower is better */
  readonly crps: number;
  /** mean of ln(1e-10 + density): higher is better */
  readonly log_score: number;
  /** steps that could be judged */
  readonly steps: number;
}

export interface IntervalScores {
  /** share of the steps with a move whose direction had more than half of the mass; 0.5 without any */
  readonly direction: number;
  /** share of the steps inside the central 80 % */
  readonly covered: number;
  /** mean interval score of the central 80 %, over the width: lower is better */
  readonly interval_score: number;
}

/** Every step that has a move, with its density. @throws {DensityFault} where their numbers differ */
function judged(
  readStep: StepReader,
  moves: StepMoves,
  judge: (density: Density, move: number, step: number) => void,
): void {
  for (const [step, happened] of Object.entries(moves)) {
    const list = readStep(step);
    if (list.length !== happened.length) throw new DensityFault(step, `${happened.length} densities`, list.length);
    const seconds = Number(step);
    for (let i = 0; i < happened.length; i++) {
      const move = happened[i]!;
      if (move !== null) judge(list[i]!, move, seconds);
    }
  }
}

/**
 * @param halfWidth half the width of the grid at the base step, in units of the price
 * @param centre of the grid: 0 for changes of a price
 * @throws {DensityFault}
 */
export function scoreSteps(
  readStep: StepReader,
  moves: StepMoves,
  halfWidth: number,
  scoring: StepScoring,
  centre = 0,
): StepScores {
  const scorer = new GridScorer();
  let [crps, log, steps] = [0, 0, 0];
  let [grid, gridStep]: [CrpsGrid | null, number] = [null, 0];
  judged(readStep, moves, (density, move, step) => {
    if (grid === null || step !== gridStep) [grid, gridStep] = [gridOf(step, halfWidth, centre, scoring), step];
    crps += scorer.crps(density, move, grid);
    log += logScore(density, move);
    steps += 1;
  });
  return { crps: crps / halfWidth, log_score: steps === 0 ? 0 : log / steps, steps };
}

/** Leaves a tenth on either side. */
const ALPHA = 0.2;

/** Direction and central interval of every step. @throws {DensityFault} */
export function scoreIntervals(readStep: StepReader, moves: StepMoves, halfWidth: number): IntervalScores {
  let [moved, right, covered, interval, steps] = [0, 0, 0, 0, 0];
  let known: { readonly density: Density; readonly of: Central } | null = null;
  judged(readStep, moves, (density, move) => {
    if (known === null || !isSameDensity(known.density, density)) known = { density, of: centralOf(density) };
    const { lower, upper, below0 } = known.of;
    if (move !== 0) moved += 1;
    if (move !== 0 && (move > 0 ? below0 < 0.5 : below0 > 0.5)) right += 1;
    if (lower <= move && move <= upper) covered += 1;
    interval += intervalScore(move, lower, upper, ALPHA);
    steps += 1;
  });
  const count = Math.max(1, steps);
  return {
    direction: moved === 0 ? 0.5 : right / moved,
    covered: covered / count,
    interval_score: interval / count / halfWidth,
  };
}

interface Central {
  readonly lower: number;
  readonly upper: number;
  readonly below0: number;
}

const centralOf = (density: Density): Central => ({
  lower: ppf(density, ALPHA / 2),
  upper: ppf(density, 1 - ALPHA / 2),
  below0: cdf(density, 0),
});

const gridOf = (
  step: number,
  halfWidth: number,
  centre: number,
  { base_step, points, normalised }: StepScoring,
): CrpsGrid => {
  const half = (step > base_step ? Math.sqrt(step / base_step) : 1) * halfWidth;
  return { lower: centre - half, upper: centre + half, points, normalised };
};

/**
 * Width of a central interval, and what lies outside of it times 2 / alpha (Winkler 1972): lower is better. Ends in the
 * wrong order are judged each by itself.
 */
export const intervalScore = (truth: number, lower: number, upper: number, alpha: number): number =>
  upper - lower + (2 / alpha) * (Math.max(0, lower - truth) + Math.max(0, truth - upper));
