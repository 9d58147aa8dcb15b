import type { DensityModelBase, DensitySpec } from '../../density-model.ts';
import { type ExampleModel, numbered } from '../numbered.ts';
import { FaultyDensity } from './faulty-density.ts';
import { CalmOrWild, GaussianStep, HeavyTails, Peaked, RecentVolatility, Unsure } from './shapes.ts';

const examples: readonly (readonly [name: string, create: () => DensityModelBase])[] = [
  ['gaussian-step', () => new GaussianStep()],
  ['recent-volatility', () => new RecentVolatility()],
  ['heavy-tails', () => new HeavyTails()],
  ['peaked', () => new Peaked()],
  ['calm-or-wild', () => new CalmOrWild()],
  ['unsure', () => new Unsure()],
  ['faulty-density', () => new FaultyDensity()],
];

/** Seven models that predict densities, one of them faulty. Ids and names are part of every log they appear in. */
export const densityExampleModels: readonly ExampleModel<readonly DensitySpec[], DensityModelBase>[] =
  numbered(examples);
