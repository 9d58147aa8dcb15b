/** Owner, position, lag and state of every stage and projection. */
export type { StateVerdict } from './judge.ts';
export { SILENCE_MS, type Status, survey } from './survey.ts';
