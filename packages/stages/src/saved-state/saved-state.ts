import type { Instant } from '@crunch-node/streams';
import type { Place } from './place.ts';

/** The state of a partition after it closed a cycle. */
export interface SavedState {
  readonly cycle_end: Instant;
  /** how far it had read, by stream or by address of a closing; `own`: its own closing */
  readonly places: Readonly<Record<string, Place>>;
  /** sequence of its own closing; 0: unknown */
  readonly closingSequence: number;
  readonly state: unknown;
}
