/** What a competition's configuration imports. The engine itself uses `index.ts`, which has all of this and more. */
export {
  type CrunchConfig,
  contributionWeightedEmission,
  crpsOnGrid,
  DensityFault,
  intervalScore,
  logScore,
  pinball,
  readDensity,
  type ScoringFunction,
  scoreQuantiles,
} from '@crunch-node/domain';
export { ConfigError } from './config-error.ts';
export { defineCrunch } from './define-crunch.ts';
export type { CrunchDefinition } from './definition.ts';
export type { GroundTruthOf, PredictionOf, TypedDefinition } from './inferred.ts';
export { type LoadedConfig, type LoadOptions, loadConfig } from './load.ts';
export { birdCompetition, birdPackFor } from './packs/bird.ts';
export { checkedAnswers } from './packs/checked-answers.ts';
export * from './packs/density.ts';
export { type DensityCompetition, densityCompetition, stepsOf } from './packs/density-competition.ts';
export * from './packs/quantile.ts';
export * from './packs/realtime.ts';
export * from './packs/tournament.ts';
export { birdInput, trackerInput } from './packs/tracker-input.ts';
export * from './packs/trading.ts';
export { ScoringIsStub, scoringStub } from './scoring-stub.ts';
export { configHash } from './serialise.ts';
