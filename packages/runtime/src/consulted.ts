import type { EventLog } from '@crunch-node/eventlog';
import type { Closing, Event, StreamDefinition } from '@crunch-node/streams';
import { Pulse } from './pulse.ts';

/**
 * A second input of a prompt stage: read on its own and folded as it comes. It causes no work; what work needs of it,
 * `ask` waits for. So it does not matter how the inputs interleave.
 */
export interface Consulted<K = unknown> {
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

export interface Consultation<K = unknown> extends Knowledge<K> {
  forget(closed: Closing): void;
  /** Reads until the signal aborts. */
  read(log: EventLog, running: AbortSignal): Promise<void>;
  /** Resolves when what the stream held at the start is known. */
  readonly caughtUp: Promise<void>;
}

/** @param closed the last cycle the stage closed before */
export function consult<K>(
  { stream, initial, learn, forget }: Consulted<K>,
  closed: Closing | null,
  signal: AbortSignal,
): Consultation<K> {
  const pulse = new Pulse(signal);
  let known = closed === null ? initial() : forget(initial(), closed);
  let isCaughtUp: () => void = () => undefined;
  const caughtUp = new Promise<void>((resolve) => {
    isCaughtUp = resolve;
  });
  return {
    get current() {
      return known;
    },
    caughtUp,
    forget(end) {
      known = forget(known, end);
    },
    async until(condition, waiting) {
      // A pulse beats for those who wait on it: an abort of theirs must be felt too.
      const wake = (): void => pulse.beat();
      waiting.addEventListener('abort', wake, { once: true });
      try {
        return await pulse.until(() => condition(known), waiting);
      } finally {
        waiting.removeEventListener('abort', wake);
      }
    },
    async read(log, running) {
      const { lastSequence } = await log.info(stream);
      if (lastSequence === 0) isCaughtUp();
      for await (const batch of log.read(stream, { after: 0, maxWaitMs: 0, signal: running })) {
        for (const { event } of batch.events) known = learn(known, event);
        if (batch.lastSequence >= lastSequence) isCaughtUp();
        pulse.beat();
      }
    },
  };
}
