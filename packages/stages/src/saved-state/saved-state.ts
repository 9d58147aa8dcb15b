import type { Instant } from '@crunch-node/streams';
import type { Place } from './place.ts';

export type Traces = readonly (readonly [id: string, traceparent: string])[];

/** The state of a partition after it closed a cycle. */
export interface SavedState {
  readonly cycle_end: Instant;
  /** how far it had read, by stream or by address of a closing; `own`: its own closing */
  readonly places: Readonly<Record<string, Place>>;
  /** sequence of its own closing; 0: unknown */
  readonly closingSequence: number;
  readonly state: unknown;
  /** trace contexts of inputs it has yet to publish an event for, by id */
  readonly traces?: Traces;
}
