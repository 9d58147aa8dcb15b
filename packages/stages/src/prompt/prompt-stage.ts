import type { Closing, Cycle, Event, JsonObject, Observations, StreamDefinition } from '@crunch-node/streams';
import type { Writership } from '../publish/published-tail.ts';
import type { Knowledge, SideInput } from './knowledge.ts';

/**
 * One partition of a prompt stage, as a value. `W`: the work one event causes; `A`: the results of that work; `K`: its
 * knowledge of a consulted stream.
 */
export interface PromptStage<S = unknown, W = unknown, A = unknown, K = unknown> extends Writership {
  readonly input: StreamDefinition;
  /** closings of the input that together close a cycle, by address; absent: the input has one writer */
  readonly sources?: readonly string[];
  readonly sideInput?: SideInput<K>;
  /** replay pace: the work of one event is done before the next event is processed, and published before the next work */
  readonly sequential: boolean;
  initial(): S;
  /** How its state is saved over restarts; absent: it is not. What is saved must be immutable. */
  readonly keeping?: {
    /** of the state when everything up to a closing was planned */
    planned(state: S): unknown;
    /** that, with what was published until the closing was stored */
    published(planned: unknown, state: S): unknown;
    restore(kept: unknown): S;
  };
  /** Folds what this partition itself has published: counters that must survive a restart. Pure. */
  remember(state: S, published: Event): S;
  /**
   * The work an event causes. Pure, except for changes of its own state. With several sources a closing may complete
   * work of the cycle it closes.
   */
  plan(state: S, event: Event): { readonly state: S; readonly work: W | null };
  /** The work without what is published already; null when none is left. */
  remaining(work: W, isPublished: (id: string) => boolean): W | null;
  /** The only I/O. */
  ask(work: W, state: S, signal: AbortSignal, knowledge: Knowledge<K>): Promise<A>;
  /** The events of the results. Pure. */
  record(work: W, answers: A): readonly { readonly event: Event; readonly obs?: Observations }[];
  /** A message for the log of the process when something went wrong in an event. Null: none. */
  failures?(event: Event, obs: Observations | undefined): JsonObject | null;
  /** The closing to forward. */
  closing(cycle: Cycle): Closing;
}
