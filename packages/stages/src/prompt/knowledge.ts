import type { Closing, Event, StreamDefinition } from '@crunch-node/streams';

/**
 * A second input of a prompt stage: read on its own and folded as it comes. It causes no work; what work needs of it,
 * `ask` waits for. So it does not matter how the inputs interleave.
 */
export interface SideInput<K = unknown> {
  readonly stream: StreamDefinition;
  initial(): K;
  /** Pure. */
  learn(known: K, event: Event): K;
  /** Drops what only work up to a cycle the stage has closed could need. Pure. */
  forget(known: K, closed: Closing): K;
}

/** What is known of a consulted stream. */
export interface Knowledge<K = unknown> {
  readonly current: K;
  /** Resolves true once the condition holds, false when the signal aborted first. */
  until(condition: (known: K) => boolean, signal: AbortSignal): Promise<boolean>;
}

/** For stages that consult nothing. */
export const noKnowledge: Knowledge = { current: undefined, until: () => new Promise<never>(() => undefined) };
