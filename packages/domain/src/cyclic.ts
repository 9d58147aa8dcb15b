import type { Cycle, Event } from '@crunch-node/streams';

/** What a stage publishes for a cycle, and its state afterwards. The closing comes last. */
export interface Reaction<S, E extends Event> {
  readonly state: S;
  readonly events: readonly E[];
}

/**
 * A cyclic stage: called once per closed cycle with all its input events in canonical order. No clock, no dice, no
 * environment, no arrival order: the same function serves live, recompute, verify, what-if and backtest.
 */
export type React<S, In extends Event, Out extends Event> = (
  state: S,
  cycle: Cycle,
  events: readonly In[],
) => Reaction<S, Out>;
