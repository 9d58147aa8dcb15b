/**
 * What an expression may call. All of it is ours: plain loops over numbers that know no configuration, no locale and
 * no dice, and none of which returns more numbers than it was given.
 */
import { compensatedSum, mean } from '../returns.ts';
import { ranksOf, spearman } from '../spearman.ts';

/** Values in expressions; a condition is true or false, and counts 1 or 0 where a number is expected. */
export type Operand = number | boolean | readonly (number | boolean)[];

/** A number or a vector of them for each place of its arguments. */
const eachPlace =
  (apply: (...values: number[]) => number) =>
  (...operands: Operand[]): number | number[] => {
    const length = operands.find(Array.isArray)?.length;
    if (length === undefined) return apply(...operands.map(Number));
    if (operands.some((operand) => Array.isArray(operand) && operand.length !== length)) {
      throw new TypeError('expected vectors of one length');
    }
    const columns = operands.map((operand) => (Array.isArray(operand) ? operand : null));
    return Array.from({ length }, (_, i) => apply(...operands.map((operand, k) => Number(columns[k]?.[i] ?? operand))));
  };

const vector = (operand: Operand | undefined): Float64Array => {
  if (!Array.isArray(operand)) throw new TypeError(`expected a vector, received ${String(operand)}`);
  return Float64Array.from(operand as readonly (number | boolean)[], Number);
};

const number = (operand: Operand | undefined): number => {
  if (typeof operand !== 'number') throw new TypeError('expected a number, received a vector or a condition');
  return operand;
};

const ofVector =
  (apply: (values: Float64Array) => number) =>
  (operand?: Operand): number =>
    apply(vector(operand));

const alongVector =
  (apply: (values: Float64Array) => Float64Array) =>
  (operand?: Operand): number[] =>
    Array.from(apply(vector(operand)));

function twoVectors(a: Operand | undefined, b: Operand | undefined): readonly [Float64Array, Float64Array] {
  const [x, y] = [vector(a), vector(b)];
  if (x.length !== y.length) throw new TypeError('expected vectors of one length');
  return [x, y];
}

/** The extreme of a vector, or, given several operands, that of each place. */
const extreme = (better: (...values: number[]) => number) => {
  const places = eachPlace(better);
  return (...operands: Operand[]): number | number[] =>
    operands.length === 1 && Array.isArray(operands[0])
      ? vector(operands[0]).reduce((best, value) => better(best, value), better())
      : places(...operands);
};

const running =
  (step: (before: number, value: number) => number) =>
  (values: Float64Array): Float64Array => {
    let last = values[0] ?? 0;
    return values.map((value, i) => {
      last = i === 0 ? value : step(last, value);
      return last;
    });
  };

const dot = (x: Float64Array, y: Float64Array): number => compensatedSum(x.map((value, i) => value * y[i]!));
const deviations = (values: Float64Array): Float64Array => {
  const average = mean(values);
  return values.map((value) => value - average);
};

/** Divided by n - 1, as is usual for samples. */
const variance = (values: Float64Array): number => {
  const away = deviations(values);
  return dot(away, away) / (values.length - 1);
};

/** NaN where either does not vary: 0 / 0. */
function pearson(x: Float64Array, y: Float64Array): number {
  const [dx, dy] = [deviations(x), deviations(y)];
  const [xx, yy] = [dot(dx, dx), dot(dy, dy)];
  // The product of two squares leaves the range of numbers long before they do.
  const norm = isUsable(xx * yy) ? Math.sqrt(xx * yy) : Math.sqrt(xx) * Math.sqrt(yy);
  return norm === 0 ? Number.NaN : Math.min(1, Math.max(-1, dot(dx, dy) / norm));
}

const isUsable = (product: number): boolean => product > 0 && Number.isFinite(product);

/** NaN where either does not vary: 0 / 0. */
const rankCorrelation = (x: Float64Array, y: Float64Array): number =>
  varies(x) && varies(y) ? spearman(x, y, 'default') : Number.NaN;

const varies = (values: Float64Array): boolean => values.some((value) => value !== values[0]);

/** Between neighbours in proportion, like most spreadsheets do. */
function quantile(values: Float64Array, share: number): number {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`expected a share from 0 to 1, received ${share}`);
  const sorted = values.slice().sort();
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const at = sorted[low] ?? Number.NaN;
  return low === place ? at : at + (place - low) * (sorted[low + 1]! - at);
}

export const expressionFunctions: ReadonlyMap<string, (...operands: Operand[]) => Operand> = new Map<
  string,
  (...operands: Operand[]) => Operand
>([
  ...(['abs', 'sign', 'sqrt', 'cbrt', 'exp', 'expm1', 'log', 'log1p', 'log2', 'log10', 'tanh', 'atan'] as const).map(
    (name) => [name, eachPlace((value) => Math[name](value))] as const,
  ),
  ['floor', eachPlace(Math.floor)],
  ['ceil', eachPlace(Math.ceil)],
  ['round', eachPlace(Math.round)],
  ['where', eachPlace((condition, yes, no) => (condition === 0 ? no : yes)!)],
  ['min', extreme(Math.min)],
  ['max', extreme(Math.max)],
  ['sum', ofVector(compensatedSum)],
  ['mean', ofVector(mean)],
  ['median', ofVector((values) => quantile(values, 0.5))],
  ['quantile', (values, share) => quantile(vector(values), number(share))],
  ['variance', ofVector(variance)],
  ['std', ofVector((values) => Math.sqrt(variance(values)))],
  ['norm', ofVector((values) => Math.sqrt(dot(values, values)))],
  ['dot', (a, b) => dot(...twoVectors(a, b))],
  ['corr', (a, b) => pearson(...twoVectors(a, b))],
  ['spearman', (a, b) => rankCorrelation(...twoVectors(a, b))],
  ['rank', alongVector((values) => ranksOf(values, 'default'))],
  ['cumsum', alongVector(running((sum, value) => sum + value))],
  ['cummax', alongVector(running(Math.max))],
  ['cummin', alongVector(running(Math.min))],
  ['first', ofVector((values) => values[0] ?? Number.NaN)],
  ['last', ofVector((values) => values.at(-1) ?? Number.NaN)],
  // The value before each place, 0 before the first: so the first position has a cost, too.
  ['lag', alongVector((values) => values.map((_, i) => values[i - 1] ?? 0))],
  ['diff', alongVector((values) => values.slice(1).map((value, i) => value - values[i]!))],
]);

/** The correlations with 0 where a series does not vary. */
export const zeroForConstants: ReadonlyMap<string, (...operands: Operand[]) => Operand> = new Map(
  (['corr', 'spearman'] as const).map((name) => [
    name,
    (...operands: Operand[]): Operand => {
      const value = expressionFunctions.get(name)!(...operands);
      return Number.isNaN(value) && operands.every((operand) => vector(operand).every(Number.isFinite)) ? 0 : value;
    },
  ]),
);

/** How many operands each takes, where it is not one; checked before an expression is accepted. */
export const operandCounts: Readonly<Record<string, readonly [least: number, most: number]>> = {
  where: [3, 3],
  min: [1, 4],
  max: [1, 4],
  quantile: [2, 2],
  dot: [2, 2],
  corr: [2, 2],
  spearman: [2, 2],
};
