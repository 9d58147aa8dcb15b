import type { Closing, Cycle, Event, JsonObject, StreamDefinition } from '@crunch-node/streams';
import type { Writership } from '../publish/published-tail.ts';

/** One partition of a cyclic stage, as a value. */
export interface CyclicStage<S = unknown> extends Writership {
  /** streams it reads */
  readonly inputs: readonly StreamDefinition[];
  /** closings it waits for, by their address: `feeds.cycle`, `predictions.3` */
  readonly sources: readonly string[];
  initial(): S;
  /** What of a state is worth keeping over restarts; all of it unless it says so. It must react no differently. */
  keeps?(state: S): S;
  /** said by this writer in answer to a command, whenever that came: no part of a cycle, nothing to recompute */
  answersCommand?(event: Event): boolean;
  /** called once per closed cycle; the last event it returns is the closing */
  react(state: S, cycle: Cycle, events: readonly Event[]): { readonly state: S; readonly events: readonly Event[] };
  /** How traces go through it: of which inputs, and which input caused what is said. Each causes one event. */
  readonly traces?: { of(input: Event): boolean; causeOf(published: Event): string | null };
  /** What is worth a line in the log of the process: what went wrong in what was said. Null: nothing. */
  failures?(published: Event): JsonObject | null;
  /** takes over what a closing we said knows better than a recomputed state */
  adopt?(state: S, closing: Closing): S;
  /** which of its past closings it has to be told of; the last one unless it says so */
  readonly adopts?: 'every';
}
