/** What a participant installs: the base class of a model, and examples to start from. */
export { type ExampleModel, exampleModels } from './examples/index.ts';
export { type Candle, ModelBase, type ModelInput, type ModelOutput, type Tick } from './model-base.ts';
