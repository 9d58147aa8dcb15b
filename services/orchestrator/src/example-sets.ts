import {
  birdExampleModels,
  densityExampleModels,
  exampleModels,
  quantileExampleModels,
  tournamentExampleModels,
  tradingExampleModels,
} from '@crunch-node/challenge';
import type { LocalModel } from '@crunch-node/models';

/** Example models by the kind of competition they are written for. */
export const exampleSets = {
  realtime: exampleModels,
  trading: tradingExampleModels,
  density: densityExampleModels,
  bird: birdExampleModels,
  quantile: quantileExampleModels,
  tournament: tournamentExampleModels,
} satisfies Readonly<Record<string, readonly LocalModel[]>>;

export type ExampleSet = keyof typeof exampleSets;

export const isExampleSet = (name: string | undefined): name is ExampleSet =>
  name !== undefined && Object.hasOwn(exampleSets, name);
