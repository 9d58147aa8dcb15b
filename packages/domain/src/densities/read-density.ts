/** Reads the open density specification from untrusted JSON. */
import { putOwn } from '../lent.ts';
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

interface Leaf {
  readonly weight: number;
  readonly component: Omit<Component, 'weight'>;
  readonly key: string;
}

/** @throws {DensityFault} when it is invalid, with the place, the expectation and the value */
export function readDensity(given: unknown, rules: DensityRules, path = ''): Density {
  const leaves: Leaf[] = [];
  const structure = collect(given, rules, { path, depth: 0, weight: 1 }, leaves);
  return {
    structure,
    components: leaves.map(({ weight, component }) => ({ weight, ...component })),
    key: leaves.map(({ key, weight }) => `${weight}*${key}`).join('+'),
  };
}

/** Its index. */
const appended = (leaves: Leaf[], leaf: Leaf): number => leaves.push(leaf) - 1;

interface ComponentPath {
  readonly path: string;
  readonly depth: number;
  readonly weight: number;
}

const within = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

function collect(given: unknown, rules: DensityRules, place: ComponentPath, leaves: Leaf[]): Structure {
  const { path } = place;
  if (!isRecord(given)) throw new DensityFault(path, 'a density, an object with a type', given);
  switch (given.type) {
    case 'mixture':
      return collectMixture(given, rules, place, leaves);
    case 'builtin':
      return addLeaf(given, rules, place, leaves, given.name === 'normal' ? normal : builtin);
    case 'scipy':
      return addLeaf(given, rules, place, leaves, scipy);
    case 'statistics':
      return addLeaf(given, rules, place, leaves, normal);
    case 'quantiles':
      if (!rules.quantiles) break;
      return addQuantiles(given, rules, place, leaves);
  }
  const types = ['builtin', 'scipy', 'statistics', 'mixture', ...(rules.quantiles ? ['quantiles'] : [])];
  throw new DensityFault(within(path, 'type'), types.join(', '), given.type);
}

function collectMixture(
  { components }: Readonly<Record<string, unknown>>,
  rules: DensityRules,
  { path, depth, weight }: ComponentPath,
  leaves: Leaf[],
): Structure {
  const at = within(path, 'components');
  if (!Array.isArray(components) || components.length === 0)
    throw new DensityFault(at, 'a list of at least one', components);
  if (depth >= rules.max_depth)
    throw new DensityFault(path, `mixtures at most ${rules.max_depth} deep`, new Described('a deeper one'));
  if (leaves.length + components.length > rules.max_components)
    throw new DensityFault(at, `at most ${rules.max_components} components`, leaves.length + components.length);
  const weights = components.map((component: unknown, i) => {
    if (!isRecord(component)) throw new DensityFault(`${at}[${i}]`, 'an object with density and weight', component);
    return Math.abs(parameter(component.weight, `${at}[${i}].weight`, rules));
  });
  const total = weights.reduce((sum, one) => sum + one, 0);
  if (!(total > 0)) throw new DensityFault(at, 'weights of which one is not 0', new Described('none'));
  const parts = components.map((component: { density?: unknown }, i) => {
    const inner = { path: `${at}[${i}].density`, depth: depth + 1, weight: (weight * weights[i]!) / total };
    return collect(component.density, rules, inner, leaves);
  });
  return { shares: weights.map((one) => one / total), parts };
}

function parameter(value: unknown, path: string, { digits }: DensityRules): number {
  if (typeof value !== 'number' || !(Math.abs(value) <= LARGEST_PARAMETER))
    throw new DensityFault(path, `a number from ${-LARGEST_PARAMETER} to ${LARGEST_PARAMETER}`, value);
  return digits === null ? value : roundSignificant(value, digits);
}

type Params = Readonly<Record<string, unknown>>;
type Read = (name: string, fallback?: number) => number;
interface Named {
  readonly family: Family;
  readonly location: number;
  readonly scale: number;
}

/** All parameters are required, and others are passed over. */
const builtin = (name: string, read: Read, path: string): Named => ({
  family: familyOf(builtinFamilies, name, path),
  location: read('loc'),
  scale: read('scale'),
});

/** Location and scale may be left out, and no other parameter is known. */
const scipy = (name: string, read: Read, path: string, params: Params): Named => {
  const family = familyOf(scipyFamilies, name, path);
  const known = [...family.shapes, 'loc', 'scale'];
  const unknown = Object.keys(params).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new DensityFault(within(path, 'params'), `no parameters but ${known.join(', ')}`, unknown);
  return { family, location: read('loc', 0), scale: read('scale', 1) };
};

/** A normal distribution by its mean and deviation. */
const normal = (name: string, read: Read, path: string, params: Params): Named => {
  if (name !== 'normal') throw new DensityFault(within(path, 'name'), 'normal', name);
  return {
    family: builtinFamilies.get('norm')!,
    location: 'mu' in params ? read('mu') : read('loc', 0),
    scale: 'sigma' in params ? read('sigma') : read('scale', 1),
  };
};

function familyOf(families: ReadonlyMap<string, Family>, name: string, path: string): Family {
  const family = families.get(name);
  if (family === undefined) throw new DensityFault(within(path, 'name'), [...families.keys()].join(', '), name);
  return family;
}

function addLeaf(
  given: Readonly<Record<string, unknown>>,
  rules: DensityRules,
  { path, weight }: ComponentPath,
  leaves: Leaf[],
  named: (name: string, read: Read, path: string, params: Params) => Named,
): number {
  if (leaves.length >= rules.max_components)
    throw new DensityFault(path, `at most ${rules.max_components} components`, new Described('more'));
  const { name, params } = given;
  if (typeof name !== 'string') throw new DensityFault(within(path, 'name'), 'the name of a family', name);
  const at = within(path, 'params');
  if (!isRecord(params)) throw new DensityFault(at, 'an object of parameters', params);
  const read: Read = (key, fallback) => {
    if (fallback !== undefined && !Object.hasOwn(params, key)) return fallback;
    return parameter(Object.hasOwn(params, key) ? params[key] : undefined, `${at}.${key}`, rules);
  };
  const { family, location, scale } = named(name, read, path, params);
  if (!(scale >= SMALLEST_SCALE)) throw new DensityFault(`${at}.scale`, 'a number above 0', scale);
  const shapes = family.shapes.map((key) => {
    const shape = read(key);
    const largest = family.largest ?? LARGEST_SHAPE;
    if (family.signed !== true && !(shape > 0)) throw new DensityFault(`${at}.${key}`, 'a number above 0', shape);
    if (Math.abs(shape) > largest) throw new DensityFault(`${at}.${key}`, `at most ${largest}`, shape);
    return shape;
  });
  const standard = family.standard(...shapes);
  const isNormal = family === builtinFamilies.get('norm');
  return appended(leaves, {
    weight,
    component: { location, scale, isNormal, standard },
    key: `${name}(${[location, scale, ...shapes]})`,
  });
}

function addQuantiles(
  given: Readonly<Record<string, unknown>>,
  rules: DensityRules,
  { path, weight }: ComponentPath,
  leaves: Leaf[],
): number {
  if (leaves.length >= rules.max_components)
    throw new DensityFault(path, `at most ${rules.max_components} components`, new Described('more'));
  const at = within(path, 'quantiles');
  const { levels, values } = readQuantiles(given.quantiles, at, LARGEST_PARAMETER);
  const crossing = values.findIndex((value, i) => i > 0 && value < values[i - 1]!);
  if (crossing > 0)
    throw new DensityFault(
      `${at}.${levels[crossing]}`,
      `at least ${shown(values[crossing - 1])}, the quantile below`,
      values[crossing],
    );
  const standard = quantileStandard({ levels, values });
  return appended(leaves, {
    weight,
    component: { location: 0, scale: 1, isNormal: false, standard },
    key: `q(${levels};${values})`,
  });
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
