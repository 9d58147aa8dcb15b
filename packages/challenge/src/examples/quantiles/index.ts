import type { ModelBase } from '../../model-base.ts';
import { type ExampleModel, numbered } from '../numbered.ts';
import {
  Bell,
  Cautious,
  Drifting,
  Empirical,
  FaultyQuantiles,
  LongTails,
  NarrowSighted,
  type QuantileAnswer,
} from './shapes.ts';

const examples: readonly (readonly [name: string, create: () => ModelBase<QuantileAnswer>])[] = [
  ['bell', () => new Bell()],
  ['narrow-sighted', () => new NarrowSighted()],
  ['drifting', () => new Drifting()],
  ['long-tails', () => new LongTails()],
  ['empirical', () => new Empirical()],
  ['cautious', () => new Cautious()],
  ['faulty-quantiles', () => new FaultyQuantiles()],
];

/** Seven models that predict quantiles, one of them faulty. Ids and names are part of every log they appear in. */
export const quantileExampleModels: readonly ExampleModel<QuantileAnswer>[] = numbered(examples);
