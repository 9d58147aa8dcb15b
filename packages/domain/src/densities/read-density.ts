/** Reads the open density specification from untrusted JSON. */
import { putOwn } from '../lent.ts';
import { AnswerPath, within } from './answer-path.ts';
import type { Component, Density, Structure } from './density.ts';
import { DensityFault, Described, isRecord, shown } from './density-fault.ts';
import { builtinFamilies } from './families.ts';
import { type Family, LARGEST_SHAPE } from './family.ts';
import { quantileStandard, readQuantiles } from './quantile-density.ts';
import { roundSignificant } from './round-significant.ts';
import { scipyFamilies } from './scipy-families.ts';

/** A competition's limits for densities. */
export interface DensityRules {
  /** leaves of a mixture, those of nested ones included */
  readonly max_components: number;
  /** how deep mixtures may be nested; 1: a mixture of plain densities */
  readonly max_depth: number;
  /** whether a density may be given by quantiles */
  readonly quantiles: boolean;
  /** significant digits that weights and parameters are rounded to; null: as they are given */
  readonly digits: number | null;
}

/** Largest location, scale and weight. */
export const LARGEST_PARAMETER = 1e12;
/** Smallest scale: the density of a narrower one could leave the range of numbers. */
export const SMALLEST_SCALE = 1e-100;

/**
 * @param place named in faults, where the density is part of something
 * @throws {DensityFault} when it is invalid, with the place, the expectation and the value
 */
export function readDensity(given: unknown, rules: DensityRules, place: AnswerPath | string = ''): Density {
  const components: Component[] = [];
  const structure = collect(given, rules, place, 0, 1, components);
  return { structure, components };
}

/** Appends the components of a density that has this depth and weight inside the one that is read. */
function collect(
  given: unknown,
  rules: DensityRules,
  place: AnswerPath | string,
  depth: number,
  weight: number,
  components: Component[],
): Structure {
  if (!isRecord(given)) throw new DensityFault(place, 'a density, an object with a type', given);
  switch (given.type) {
    case 'mixture':
      return collectMixture(given, rules, place, depth, weight, components);
    case 'builtin':
      return addNamed(given, rules, place, weight, components, given.name === 'normal' ? normal : builtin);
    case 'scipy':
      return addNamed(given, rules, place, weight, components, scipy);
    case 'statistics':
      return addNamed(given, rules, place, weight, components, normal);
    case 'quantiles':
      if (!rules.quantiles) break;
      return addQuantiles(given, rules, place, weight, components);
  }
  const types = ['builtin', 'scipy', 'statistics', 'mixture', ...(rules.quantiles ? ['quantiles'] : [])];
  throw new DensityFault(within(place, 'type'), types.join(', '), given.type);
}

function collectMixture(
  { components: parts }: Readonly<Record<string, unknown>>,
  rules: DensityRules,
  place: AnswerPath | string,
  depth: number,
  weight: number,
  components: Component[],
): Structure {
  if (!Array.isArray(parts) || parts.length === 0)
    throw new DensityFault(within(place, 'components'), 'a list of at least one', parts);
  if (depth >= rules.max_depth)
    throw new DensityFault(place, `mixtures at most ${rules.max_depth} deep`, new Described('a deeper one'));
  if (components.length + parts.length > rules.max_components) {
    const expected = `at most ${rules.max_components} components`;
    throw new DensityFault(within(place, 'components'), expected, components.length + parts.length);
  }
  const weights = weightsOf(parts, rules, place);
  let total = 0;
  for (const one of weights) total += one;
  if (!(total > 0))
    throw new DensityFault(within(place, 'components'), 'weights of which one is not 0', new Described('none'));
  const structures: Structure[] = [];
  for (let i = 0; i < parts.length; i++) {
    const inner = new AnswerPath(place, 'components', i, 'density');
    const share = (weight * weights[i]!) / total;
    structures.push(collect(parts[i].density, rules, inner, depth + 1, share, components));
  }
  for (let i = 0; i < weights.length; i++) weights[i] = weights[i]! / total;
  return { shares: weights, parts: structures };
}

function weightsOf(parts: readonly unknown[], rules: DensityRules, place: AnswerPath | string): number[] {
  const weights: number[] = [];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    const at = new AnswerPath(place, 'components', i);
    if (!isRecord(part)) throw new DensityFault(at, 'an object with density and weight', part);
    weights.push(Math.abs(parameter(part.weight, at, 'weight', rules)));
  }
  return weights;
}

function parameter(value: unknown, place: AnswerPath | string, name: string, { digits }: DensityRules): number {
  if (typeof value !== 'number' || !(Math.abs(value) <= LARGEST_PARAMETER))
    throw new DensityFault(within(place, name), `a number from ${-LARGEST_PARAMETER} to ${LARGEST_PARAMETER}`, value);
  return digits === null ? value : roundSignificant(value, digits);
}

type Params = Readonly<Record<string, unknown>>;
interface Named {
  readonly family: Family;
  readonly location: number;
  readonly scale: number;
}
type ReadNamed = (name: string, params: Params, place: AnswerPath | string, rules: DensityRules) => Named;

const own = (params: Params, key: string): unknown => (Object.hasOwn(params, key) ? params[key] : undefined);
const required = (params: Params, key: string, place: AnswerPath | string, rules: DensityRules): number =>
  parameter(own(params, key), place, `params.${key}`, rules);
const optional = (
  params: Params,
  key: string,
  fallback: number,
  place: AnswerPath | string,
  rules: DensityRules,
): number => (Object.hasOwn(params, key) ? required(params, key, place, rules) : fallback);

/** All parameters are required, and others are passed over. */
const builtin: ReadNamed = (name, params, place, rules) => ({
  family: familyOf(builtinFamilies, name, place),
  location: required(params, 'loc', place, rules),
  scale: required(params, 'scale', place, rules),
});

/** Location and scale may be left out, and no other parameter is known. */
const scipy: ReadNamed = (name, params, place, rules) => {
  const family = familyOf(scipyFamilies, name, place);
  for (const key of Object.keys(params)) {
    if (key === 'loc' || key === 'scale' || family.shapes.includes(key)) continue;
    const known = [...family.shapes, 'loc', 'scale'].join(', ');
    throw new DensityFault(within(place, 'params'), `no parameters but ${known}`, key);
  }
  const location = optional(params, 'loc', 0, place, rules);
  return { family, location, scale: optional(params, 'scale', 1, place, rules) };
};

const NORM = builtinFamilies.get('norm')!;

/** A normal distribution by its mean and deviation. */
const normal: ReadNamed = (name, params, place, rules) => {
  if (name !== 'normal') throw new DensityFault(within(place, 'name'), 'normal', name);
  return {
    family: NORM,
    location: 'mu' in params ? required(params, 'mu', place, rules) : optional(params, 'loc', 0, place, rules),
    scale: 'sigma' in params ? required(params, 'sigma', place, rules) : optional(params, 'scale', 1, place, rules),
  };
};

function familyOf(families: ReadonlyMap<string, Family>, name: string, place: AnswerPath | string): Family {
  const family = families.get(name);
  if (family === undefined) throw new DensityFault(within(place, 'name'), [...families.keys()].join(', '), name);
  return family;
}

const NO_SHAPES: readonly number[] = [];

/** Returns the index of the component. */
function addNamed(
  given: Readonly<Record<string, unknown>>,
  rules: DensityRules,
  place: AnswerPath | string,
  weight: number,
  components: Component[],
  readNamed: ReadNamed,
): number {
  if (components.length >= rules.max_components)
    throw new DensityFault(place, `at most ${rules.max_components} components`, new Described('more'));
  const { name, params } = given;
  if (typeof name !== 'string') throw new DensityFault(within(place, 'name'), 'the name of a family', name);
  if (!isRecord(params)) throw new DensityFault(within(place, 'params'), 'an object of parameters', params);
  const { family, location, scale } = readNamed(name, params, place, rules);
  if (!(scale >= SMALLEST_SCALE)) throw new DensityFault(within(place, 'params.scale'), 'a number above 0', scale);
  const shapes = family.shapes.length === 0 ? NO_SHAPES : shapesOf(family, params, place, rules);
  const standard = family.standard(...shapes);
  return components.push({ weight, location, scale, isNormal: family === NORM, standard, family: name, shapes }) - 1;
}

function shapesOf(family: Family, params: Params, place: AnswerPath | string, rules: DensityRules): number[] {
  const shapes: number[] = [];
  for (const key of family.shapes) {
    const shape = required(params, key, place, rules);
    const largest = family.largest ?? LARGEST_SHAPE;
    if (family.signed !== true && !(shape > 0))
      throw new DensityFault(within(place, `params.${key}`), 'a number above 0', shape);
    if (Math.abs(shape) > largest) throw new DensityFault(within(place, `params.${key}`), `at most ${largest}`, shape);
    shapes.push(shape);
  }
  return shapes;
}

/** Returns the index of the component. */
function addQuantiles(
  given: Readonly<Record<string, unknown>>,
  rules: DensityRules,
  place: AnswerPath | string,
  weight: number,
  components: Component[],
): number {
  if (components.length >= rules.max_components)
    throw new DensityFault(place, `at most ${rules.max_components} components`, new Described('more'));
  const at = within(place, 'quantiles');
  const { levels, values } = readQuantiles(given.quantiles, at, LARGEST_PARAMETER);
  const crossing = values.findIndex((value, i) => i > 0 && value < values[i - 1]!);
  if (crossing > 0)
    throw new DensityFault(
      `${at}.${levels[crossing]}`,
      `at least ${shown(values[crossing - 1])}, the quantile below`,
      values[crossing],
    );
  const standard = quantileStandard({ levels, values });
  const shapes = [...levels, ...values];
  return components.push({ weight, location: 0, scale: 1, isNormal: false, standard, family: 'quantiles', shapes }) - 1;
}

/** The specification without superfluous fields, rounded by the rules. It must have been read before. */
export function plainDensity(given: unknown, { digits }: DensityRules): Readonly<Record<string, unknown>> {
  const { type, name, params, components, quantiles } = given as Readonly<Record<string, unknown>>;
  const rounded = (value: unknown): unknown =>
    typeof value === 'number' && digits !== null ? roundSignificant(value, digits) : value;
  if (type === 'quantiles') return { type, quantiles };
  if (type !== 'mixture') {
    const kept: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(params as Params))
      if (typeof value === 'number') putOwn(kept, key, rounded(value));
    return { type, name, params: kept };
  }
  return {
    type,
    components: (components as readonly Readonly<Record<string, unknown>>[]).map(({ density, weight }) => ({
      density: plainDensity(density, { digits } as DensityRules),
      weight: rounded(weight),
    })),
  };
}
