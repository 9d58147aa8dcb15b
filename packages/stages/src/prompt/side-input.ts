import type { Batch, ReadableLog } from '@crunch-node/eventlog';
import { Notifier } from '@crunch-node/service';
import type { Closing } from '@crunch-node/streams';
import type { Seen } from '../saved-state/resume.ts';
import type { Knowledge, SideInput } from './knowledge.ts';

export interface Consultation<K = unknown> extends Knowledge<K> {
  forget(closed: Closing): void;
  /** The knowledge, and the last event it includes; null: none yet. Both immutable. */
  kept(): Learned<K>;
  /** Reads until the signal aborts. @param learned called with each batch once its events are included */
  read(log: ReadableLog, running: AbortSignal, learned: (batch: Batch) => Promise<void>): Promise<void>;
  /** Resolves when the content of the stream at the start is included. */
  readonly caughtUp: Promise<void>;
}

/** Earlier knowledge, and the last event it includes. */
export interface Learned<K> {
  readonly known: K;
  readonly learnedTo: Seen | null;
}

/** @param closed the last cycle the stage closed before */
export function consult<K>(
  { stream, initial, learn, forget }: SideInput<K>,
  closed: Closing | null,
  signal: AbortSignal,
  learned?: Learned<K>,
): Consultation<K> {
  const notifier = new Notifier(signal);
  const begins = learned === undefined ? initial() : learned.known;
  let known = closed === null ? begins : forget(begins, closed);
  let learnedTo = learned?.learnedTo ?? null;
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
    kept: () => ({ known, learnedTo }),
    async until(condition, waiting) {
      // The notifier only listens to its own signal: the abort of a waiter has to wake it too.
      const wake = (): void => notifier.notify();
      waiting.addEventListener('abort', wake, { once: true });
      try {
        return await notifier.until(() => condition(known), waiting);
      } finally {
        waiting.removeEventListener('abort', wake);
      }
    },
    async read(log, running, learned) {
      const { lastSequence } = await log.info(stream);
      const after = learnedTo?.sequence ?? 0;
      if (lastSequence <= after) isCaughtUp();
      for await (const batch of log.read(stream, { after, maxWaitMs: 0, signal: running })) {
        for (const { event, sequence, stored_us = 0 } of batch.events) {
          known = learn(known, event);
          learnedTo = { sequence, message_id: event.id, stored_us };
        }
        if (batch.lastSequence >= lastSequence) isCaughtUp();
        notifier.notify();
        await learned(batch);
      }
    },
  };
}
