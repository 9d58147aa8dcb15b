/** A density given by some of its quantiles: between two of them its mass is spread evenly. */
import { DensityFault, Described, isRecord } from './density-fault.ts';
import type { Standard } from './family.ts';

export interface QuantilePoints {
  /** ascending, above 0 and below 1 */
  readonly levels: readonly number[];
  /** ascending */
  readonly values: readonly number[];
}

export const MOST_QUANTILES = 500;

/** Values that are as good as equal still have a width: a density has no jumps. */
const NARROWEST = 1e-9;

/**
 * `{ "0.1": 3, "0.5": 4 }` in order of level, values as they are given.
 * @throws {DensityFault}
 */
export function readQuantiles(given: unknown, path: string, largest: number): QuantilePoints {
  if (!isRecord(given)) throw new DensityFault(path, 'an object of levels and values', given);
  const entries = Object.keys(given).map((text) => [Number(text), given[text], text] as const);
  if (entries.length < 2 || entries.length > MOST_QUANTILES)
    throw new DensityFault(path, `2 to ${MOST_QUANTILES} quantiles`, entries.length);
  for (const [level, value, text] of entries) {
    if (!(level > 0 && level < 1) || text.trim() === '')
      throw new DensityFault(path, 'levels above 0 and below 1', text);
    if (typeof value !== 'number' || !(Math.abs(value) <= largest))
      throw new DensityFault(`${path}.${text}`, `a number from ${-largest} to ${largest}`, value);
  }
  entries.sort(([a], [b]) => a - b);
  const levels = entries.map(([level]) => level);
  if (levels.some((level, i) => level === levels[i - 1]))
    throw new DensityFault(path, 'each level once', new Described('one of them twice'));
  return { levels, values: entries.map(([, value]) => value as number) };
}

/** Beyond the outermost quantiles the density of the nearest interval continues until no mass is left. Values must ascend. */
export function quantileStandard({ levels, values }: QuantilePoints): Standard {
  const xs = [...values];
  for (let i = 1; i < xs.length; i++)
    xs[i] = Math.max(xs[i]!, xs[i - 1]! + NARROWEST * Math.max(1, Math.abs(xs[i - 1]!)));
  const n = levels.length;
  const first = xs[0]! - (levels[0]! * (xs[1]! - xs[0]!)) / (levels[1]! - levels[0]!);
  const last = xs[n - 1]! + ((1 - levels[n - 1]!) * (xs[n - 1]! - xs[n - 2]!)) / (levels[n - 1]! - levels[n - 2]!);
  const knots = [first, ...xs, last];
  const shares = [0, ...levels, 1];
  const along = (from: readonly number[], to: readonly number[], at: number): number => {
    const place = placeIn(from, at);
    const [a, b] = [from[place]!, from[place + 1]!];
    return to[place]! + ((at - a) / (b - a)) * (to[place + 1]! - to[place]!);
  };
  return {
    pdf: (x) => {
      if (x < first || x > last) return 0;
      const place = placeIn(knots, x);
      return (shares[place + 1]! - shares[place]!) / (knots[place + 1]! - knots[place]!);
    },
    cdf: (x) => (x <= first ? 0 : x >= last ? 1 : along(knots, shares, x)),
    ppf: (p) => (p <= 0 ? first : p >= 1 ? last : along(shares, knots, p)),
    mean: knots.slice(1).reduce((sum, x, i) => sum + ((shares[i + 1]! - shares[i]!) * (x + knots[i]!)) / 2, 0),
  };
}

/** The stretch that holds a value: index of its left end. */
function placeIn(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! <= value) low = middle;
    else high = middle;
  }
  return low;
}
