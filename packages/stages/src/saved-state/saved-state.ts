import type { Instant } from '@crunch-node/streams';
import type { Place } from './place.ts';

/** What a partition knew when it had closed a cycle. */
export interface SavedState {
  readonly cycle_end: Instant;
  /** up to where it had read, by stream or by address of a closing; `own`: its own closing */
  readonly places: Readonly<Record<string, Place>>;
  /** sequence of its own closing; 0: not known */
  readonly closingSequence: number;
  readonly state: unknown;
}
