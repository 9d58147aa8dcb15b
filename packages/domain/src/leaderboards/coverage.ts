/** How many rounds scores come from, and whether they are enough to be ranked by. */
import type { Aggregation, AggregationWindow } from './aggregation.ts';
import { participationHours } from './participation-window.ts';

/** Window → scored rounds of a model in it. */
export type Rounds = Readonly<Record<string, number>>;

/** The rounds behind a model's scores, as a ranking shows them; empty where they are not counted. */
export interface Coverage {
  readonly rounds?: Rounds;
  /** why the model is not ranked by its score */
  readonly unranked?: string;
}

export const isCovered = ({ coverage, windows }: Aggregation): boolean =>
  coverage === 'counted' || windows.some((window) => hasMinimum(window));

const hasMinimum = ({ min_rounds, min_share }: AggregationWindow): boolean =>
  min_rounds !== undefined || min_share !== undefined;

/**
 * The window whose minimum decides: the one models are ranked by, else the longest, which decides who takes part.
 * Undefined when it has none.
 */
export function decidingWindow(aggregation: Aggregation): AggregationWindow | undefined {
  const { windows, ranking_key } = aggregation;
  const hours = participationHours(aggregation);
  const window =
    windows.find(({ name }) => name === ranking_key) ?? windows.find((candidate) => candidate.hours === hours);
  return window !== undefined && hasMinimum(window) ? window : undefined;
}

/**
 * @param rounds of the model
 * @param most rounds any model has in the deciding window
 */
export function coverageOf(aggregation: Aggregation, rounds: Rounds, most: number): Coverage {
  const window = decidingWindow(aggregation);
  if (window === undefined) return { rounds };
  const { name, min_rounds = 0, min_share = 0 } = window;
  const has = rounds[name] ?? 0;
  if (has < min_rounds) return { rounds, unranked: `expected ${min_rounds} rounds in ${name}, received ${has}` };
  if (has < min_share * most) {
    const expected = `at least ${min_share} of the ${most} rounds in ${name}`;
    return { rounds, unranked: `expected ${expected}, received ${has}` };
  }
  return { rounds };
}
