import type { Closing, Event, StreamDefinition } from '@crunch-node/streams';

/**
 * A second input of a prompt stage: read separately and folded as it arrives. It causes no work; `ask` waits for what
 * it needs of it. So the interleaving of the inputs does not matter.
 */
export interface SideInput<K = unknown> {
  readonly stream: StreamDefinition;
  initial(): K;
  /** Pure. */
  learn(known: K, event: Event): K;
  /** Drops what is only needed for work up to a cycle the stage has closed. Pure. */
  forget(known: K, closed: Closing): K;
}

/** The knowledge gained from a consulted stream. */
export interface Knowledge<K = unknown> {
  readonly current: K;
  /** Resolves to true once the condition holds, to false when the signal aborted first. */
  until(condition: (known: K) => boolean, signal: AbortSignal): Promise<boolean>;
}

/** For stages that consult no stream. */
export const noKnowledge: Knowledge = { current: undefined, until: () => new Promise<never>(() => undefined) };
