import type { Closing, Cycle, Event, JsonObject, StreamDefinition } from '@crunch-node/streams';
import type { Writership } from '../publish/published-tail.ts';

/** One partition of a cyclic stage, as a value. */
export interface CyclicStage<S = unknown> extends Writership {
  /** streams it reads */
  readonly inputs: readonly StreamDefinition[];
  /** closings it waits for, by their address: `feeds.cycle`, `predictions.3` */
  readonly sources: readonly string[];
  initial(): S;
  /** What of a state is worth keeping over restarts; all of it by default. It must react no differently. */
  keeps?(state: S): S;
  /** published by this writer in answer to a command, whenever that came: no part of a cycle, nothing to recompute */
  answersCommand?(event: Event): boolean;
  /** called once per closed cycle; the last event it returns is the closing */
  react(state: S, cycle: Cycle, events: readonly Event[]): { readonly state: S; readonly events: readonly Event[] };
  /** How traces go through it: of which inputs, and which input caused which event. Each causes one. */
  readonly traces?: { of(input: Event): boolean; causeOf(published: Event): string | null };
  /** What is worth a line in the log of the process: what went wrong in an event. Null: nothing. */
  failures?(published: Event): JsonObject | null;
  /** takes over what a published closing knows better than a recomputed state */
  adopt?(state: S, closing: Closing): S;
  /** which of its past closings it needs; the last one by default */
  readonly adopts?: 'every';
}
