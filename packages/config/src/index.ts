/** A competition's configuration, where it comes from, and the environment's overrides. */
export { applyEnvironment } from './apply-environment.ts';
export { configIdOf, type ScheduledConfig, scheduledConfigs } from './config-id.ts';
export { subjectOf, warningsOf } from './cross-checks.ts';
export { unscored } from './defaults.ts';
export { describeEnvironment, type Environment, type RawEnvironment, readEnvironment } from './environment.ts';
export { importModule } from './import-module.ts';
export { kindOf } from './kinds.ts';
export { BIRD_HORIZON } from './packs/bird.ts';
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
export { probeConfig } from './probe.ts';
export * from './public.ts';
export { refuseStub } from './scoring-stub.ts';
export { describeConfig, serialisablePart } from './serialise.ts';
