/** Recomputation of the log by the current code, or under another configuration. */
export {
  assertRecorded,
  NothingRecorded,
  OtherConfiguration,
  recordedConfigurations,
  recordedEnsembles,
  underAnother,
} from './configurations.ts';
export { isProven, type RecomputeOptions, recomputeLog } from './recompute-log.ts';
export { type Beside, type BesideOptions, openBeside } from './served-beside.ts';
export { type RecomputeFrom, recomputeFroms } from './stages-behind.ts';
export { PartitionsFixed, type RankChange, type WhatIf, whatIf } from './what-if.ts';
