import type { BirdModelBase } from '../../bird-model.ts';
import type { DensitySpec } from '../../density-model.ts';
import { type ExampleModel, numbered } from '../numbered.ts';
import { CoreAndTail, FaultyFollower, Narrow, Student } from './followers.ts';

const examples: readonly (readonly [name: string, create: () => BirdModelBase])[] = [
  ['core-and-tail', () => new CoreAndTail()],
  ['student', () => new Student()],
  ['narrow', () => new Narrow()],
  ['faulty-follower', () => new FaultyFollower()],
];

/** Four models that follow one thing, one of them faulty. */
export const birdExampleModels: readonly ExampleModel<DensitySpec, BirdModelBase>[] = numbered(examples);
