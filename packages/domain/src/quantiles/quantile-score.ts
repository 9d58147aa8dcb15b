/** Proper scores of quantiles. Lower is better. */
import type { QuantilePoints } from '../densities/quantile-density.ts';
import { intervalScore } from '../densities/step-score.ts';

/** The quantile (or pinball) score of one level (Koenker, Bassett 1978). */
export const pinball = (truth: number, quantile: number, level: number): number =>
  truth < quantile ? (1 - level) * (quantile - truth) : level * (truth - quantile);

/** A central interval of a forecast: the levels alpha / 2 and 1 − alpha / 2. */
export interface CentralInterval {
  readonly alpha: number;
  readonly lower: number;
  readonly upper: number;
}

/** Levels that differ by less are one. */
const SAME_LEVEL = 1e-9;

/** The value at a level; null when the forecast has none. */
export function valueAt({ levels, values }: QuantilePoints, level: number): number | null {
  const place = levels.findIndex((one) => Math.abs(one - level) < SAME_LEVEL);
  return place < 0 ? null : values[place]!;
}

/** Those of which both ends are there, widest first. */
export function centralIntervals(points: QuantilePoints): CentralInterval[] {
  return points.levels.flatMap((level, i) => {
    const upper = level < 0.5 - SAME_LEVEL ? valueAt(points, 1 - level) : null;
    return upper === null ? [] : [{ alpha: 2 * level, lower: points.values[i]!, upper }];
  });
}

/**
 * The weighted interval score of a median and central intervals, weights alpha / 2 (Bracher and others 2021); null
 * without a median.
 */
export function weightedIntervalScore(truth: number, points: QuantilePoints): number | null {
  const median = valueAt(points, 0.5);
  if (median === null) return null;
  const intervals = centralIntervals(points);
  const sum = intervals.reduce(
    (all, { alpha, lower, upper }) => all + (alpha / 2) * intervalScore(truth, lower, upper, alpha),
    0.5 * Math.abs(truth - median),
  );
  return sum / (intervals.length + 0.5);
}

export interface QuantileScores {
  /** mean over the levels; twice of it approximates the CRPS */
  readonly pinball: number;
  /** 2 / n times the sum of the levels' scores, which approximates the CRPS */
  readonly crps: number;
  /** null without a median */
  readonly wis: number | null;
  /** share of the central intervals that hold the truth; null without any */
  readonly coverage: number | null;
  /** coverage less its nominal value, of which the mean is 1 − alpha: 0 is calibrated */
  readonly coverage_gap: number | null;
  /** neighbours in the wrong order */
  readonly crossings: number;
}

/** All of one forecast. Crossing quantiles are judged as they are: each level by itself, an interval by its two ends. */
export function scoreQuantiles(truth: number, points: QuantilePoints): QuantileScores {
  const { levels, values } = points;
  let sum = 0;
  let crossings = 0;
  for (let i = 0; i < levels.length; i++) {
    sum += pinball(truth, values[i]!, levels[i]!);
    if (i > 0 && values[i]! < values[i - 1]!) crossings += 1;
  }
  const intervals = centralIntervals(points);
  const inside = intervals.filter(({ lower, upper }) => lower <= truth && truth <= upper).length;
  const nominal = intervals.reduce((all, { alpha }) => all + 1 - alpha, 0);
  const count = intervals.length;
  return {
    pinball: sum / levels.length,
    crps: (2 * sum) / levels.length,
    wis: weightedIntervalScore(truth, points),
    coverage: count === 0 ? null : inside / count,
    coverage_gap: count === 0 ? null : (inside - nominal) / count,
    crossings,
  };
}
