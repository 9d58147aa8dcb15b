import type { ModelBase } from '../../model-base.ts';
import { type ExampleModel, numbered } from '../numbered.ts';
import { Breakout } from './breakout.ts';
import { Contrarian } from './contrarian.ts';
import { Faulty } from './faulty.ts';
import { MeanReversion } from './mean-reversion.ts';
import { Momentum } from './momentum.ts';
import { Naive } from './naive.ts';
import { VolatilityScaled } from './volatility-scaled.ts';
import { VolumeWeighted } from './volume-weighted.ts';

const examples: readonly (readonly [name: string, create: () => ModelBase])[] = [
  ['momentum', () => new Momentum()],
  ['mean-reversion', () => new MeanReversion()],
  ['contrarian', () => new Contrarian()],
  ['breakout', () => new Breakout()],
  ['volatility-scaled', () => new VolatilityScaled()],
  ['naive-baseline', () => new Naive()],
  ['faulty', () => new Faulty()],
  ['volume-weighted', () => new VolumeWeighted()],
];

/** Eight models that differ, one of them faulty. Ids and names are fixed: they are part of every log they appear in. */
export const exampleModels: readonly ExampleModel[] = numbered(examples);
