/** Read models built anew beside the ones that are read, and put in their place. */
export type { Compared, Incomparable } from './compare.ts';
export { NothingKept, ReplayClaimLost, ReplayOutOfRoom, ReplayRunning, SwitchBlocked } from './faults.ts';
export { codeFingerprint } from './fingerprint.ts';
export { drop, dropExpired } from './keep.ts';
export { outdatedProjections } from './outdated.ts';
export { type ReplayContext, type Replayed, type ReplayOptions, replay, rollBack } from './replay.ts';
export type { ReplayPoint, ReplayProgress } from './replay-run.ts';
