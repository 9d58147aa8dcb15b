import type { Closing, Cycle, Event, JsonObject, StreamDefinition } from '@crunch-node/streams';
import type { Writership } from '../publish/published-tail.ts';

/** One partition of a cyclic stage, as a value. */
export interface CyclicStage<S = unknown> extends Writership {
  /** streams it reads */
  readonly inputs: readonly StreamDefinition[];
  /** closings it waits for, by address: `feeds.cycle`, `predictions.3` */
  readonly sources: readonly string[];
  initial(): S;
  /** The part of a state worth keeping over restarts; all of it by default. Reactions must not change by it. */
  keeps?(state: S): S;
  /** published by this writer in reply to a command, at any time: not part of a cycle, not recomputed */
  answersCommand?(event: Event): boolean;
  /** called once per closed cycle; the last event it returns is the closing */
  react(state: S, cycle: Cycle, events: readonly Event[]): { readonly state: S; readonly events: readonly Event[] };
  /** Tracing: which inputs carry traces, and which input caused which event. Each causes one. */
  readonly traces?: { of(input: Event): boolean; causeOf(published: Event): string | null };
  /** A message for the log of the process when something went wrong in an event. Null: none. */
  failures?(published: Event): JsonObject | null;
  /** adopts what a published closing records more exactly than a recomputed state */
  adopt?(state: S, closing: Closing): S;
  /** which of its past closings it needs; the last one by default */
  readonly adopts?: 'every';
}
