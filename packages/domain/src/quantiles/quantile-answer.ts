/** Predictions of a competition of quantiles. */
import { DensityFault, Described, isRecord } from '../densities/density-fault.ts';
import { MOST_QUANTILES, type QuantilePoints, readQuantiles } from '../densities/quantile-density.ts';
import { putOwn } from '../lent.ts';

export interface QuantileRules {
  /** that have to be there, ascending; others are refused */
  readonly levels: readonly number[];
  /** `scored`: crossing quantiles as they are; `sorted`: put in order first; `refused`: the prediction fails */
  readonly crossing: 'scored' | 'sorted' | 'refused';
  /** `refused`: a forecast lacks no level; `interpolated`: an inner one lies on the line between its neighbours */
  readonly missing: 'refused' | 'interpolated';
  /** size that no value may exceed */
  readonly largest: number;
}

/**
 * A prediction's quantiles: `{ quantiles: { "0.5": 3 } }`, a list of `{ quantile, value }`, or of `[level, value]`.
 * @throws {DensityFault} with the level
 */
export function quantilesOf(answer: Readonly<Record<string, unknown>>, rules: QuantileRules): QuantilePoints {
  const given = readQuantiles(asRecord(answer.quantiles ?? answer.result ?? answer), 'quantiles', rules.largest);
  const known = new Map<number, number>();
  given.levels.forEach((level, i) => {
    const place = rules.levels.findIndex((one) => Math.abs(one - level) < 1e-9);
    if (place < 0) throw new DensityFault('quantiles', `the levels ${rules.levels.join(', ')}`, level);
    known.set(place, given.values[i]!);
  });
  const values = rules.levels.map((level, place) => known.get(place) ?? missing(level, place, known, rules));
  const crossing = values.findIndex((value, i) => i > 0 && value < values[i - 1]!);
  if (crossing < 0 || rules.crossing === 'scored') return { levels: rules.levels, values };
  if (rules.crossing === 'sorted') return { levels: rules.levels, values: [...values].sort((a, b) => a - b) };
  throw new DensityFault(
    `quantiles.${rules.levels[crossing]}`,
    `at least ${values[crossing - 1]}, the quantile below`,
    values[crossing],
  );
}

function missing(level: number, place: number, known: ReadonlyMap<number, number>, rules: QuantileRules): number {
  const path = `quantiles.${level}`;
  if (rules.missing === 'refused') throw new DensityFault(path, 'a value', undefined);
  let [below, above] = [place, place];
  while (below >= 0 && !known.has(below)) below -= 1;
  while (above < rules.levels.length && !known.has(above)) above += 1;
  const [low, high] = [known.get(below), known.get(above)];
  if (low === undefined || high === undefined)
    throw new DensityFault(path, 'a value: there is none beyond it', undefined);
  const [from, to] = [rules.levels[below]!, rules.levels[above]!];
  return low + ((level - from) / (to - from)) * (high - low);
}

function asRecord(given: unknown): unknown {
  if (!Array.isArray(given)) return given;
  if (given.length > MOST_QUANTILES) throw new DensityFault('quantiles', `at most ${MOST_QUANTILES}`, given);
  const record: Record<string, unknown> = {};
  given.forEach((entry: unknown, i) => {
    const [level, value] = Array.isArray(entry)
      ? entry
      : isRecord(entry)
        ? [entry.quantile ?? entry.level, entry.value]
        : [];
    const key = typeof level === 'number' || typeof level === 'string' ? String(level) : '';
    if (key === '') throw new DensityFault(`quantiles[${i}]`, '{ quantile, value } or [level, value]', entry);
    if (Object.hasOwn(record, key))
      throw new DensityFault('quantiles', 'each level once', new Described(`${key} twice`));
    putOwn(record, key, value);
  });
  return record;
}

/** As it is written down: level → value. */
export const quantileRecord = ({ levels, values }: QuantilePoints): Readonly<Record<string, number>> =>
  Object.fromEntries(levels.map((level, i) => [String(level), values[i]!]));
