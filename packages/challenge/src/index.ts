/** The package for participants: the base class of a model, and examples to start from. */
export { BirdModelBase, type BirdPayload } from './bird-model.ts';
export { builtin, DensityModelBase, type DensitySpec, eachStep, mixture, type PriceData } from './density-model.ts';
export { birdExampleModels } from './examples/birds/index.ts';
export { densityExampleModels } from './examples/densities/index.ts';
export type { ExampleModel } from './examples/numbered.ts';
export { quantileExampleModels } from './examples/quantiles/index.ts';
export type { QuantileAnswer } from './examples/quantiles/shapes.ts';
export { exampleModels } from './examples/realtime/index.ts';
export { tradingExampleModels } from './examples/trading/index.ts';
export {
  type Candle,
  ModelBase,
  type ModelInput,
  type ModelOutput,
  type Tick,
  type TradingOrder,
} from './model-base.ts';
export { type House, sampleHouses } from './tournament/houses.ts';
export { tournamentExampleModels } from './tournament/index.ts';
export { type Features, type TournamentAnswer, TournamentModelBase } from './tournament/tournament-model.ts';
