/** Builds read models next to the served ones, and exchanges them. */
export type { Compared, Incomparable } from './compare.ts';
export { NothingKept, ReplayClaimLost, ReplayOutOfRoom, ReplayRunning, SwitchBlocked } from './faults.ts';
export { drop, dropExpired } from './keep.ts';
export { outdatedProjections } from './outdated.ts';
export { type ReplayContext, type Replayed, type ReplayOptions, replay, rollBack } from './replay.ts';
export type { ReplayPoint, ReplayProgress } from './replay-run.ts';
