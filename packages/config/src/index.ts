/** A competition's configuration, where it comes from, and the environment's overrides. */
export {
  contributionWeightedEmission,
  crpsOnGrid,
  DensityFault,
  intervalScore,
  logScore,
  pinball,
  readDensity,
  scoreQuantiles,
} from '@crunch-node/domain';
export { applyEnvironment } from './apply-environment.ts';
export { ConfigError } from './config-error.ts';
export { configIdOf, type ScheduledConfig, scheduledConfigs } from './config-id.ts';
export { subjectOf, warningsOf } from './cross-checks.ts';
export { unscored } from './defaults.ts';
export { defineCrunch } from './define-crunch.ts';
export type { CrunchDefinition } from './definition.ts';
export { describeEnvironment, type Environment, type RawEnvironment, readEnvironment } from './environment.ts';
export { importModule } from './import-module.ts';
export type { GroundTruthOf, PredictionOf, TypedDefinition } from './inferred.ts';
export { kindOf } from './kinds.ts';
export { type LoadedConfig, type LoadOptions, loadConfig } from './load.ts';
export { BIRD_HORIZON, birdCompetition, birdPackFor } from './packs/bird.ts';
export { checkedAnswers } from './packs/checked-answers.ts';
export {
  birdDemoPackFor,
  demoPack,
  demoPackFor,
  densityDemoPackFor,
  intervalDemoPackFor,
  quantileDemoPackFor,
  tournamentDemoPack,
  tradingDemoPack,
  tradingDemoPackFor,
} from './packs/demo.ts';
export * from './packs/density.ts';
export { type DensityCompetition, densityCompetition, stepsOf } from './packs/density-competition.ts';
export * from './packs/quantile.ts';
export * from './packs/realtime.ts';
export * from './packs/tournament.ts';
export { birdInput, trackerInput } from './packs/tracker-input.ts';
export * from './packs/trading.ts';
export { probeConfig } from './probe.ts';
export { refuseStub, ScoringIsStub, scoringStub } from './scoring-stub.ts';
export { configHash, describeConfig, serialisablePart } from './serialise.ts';
