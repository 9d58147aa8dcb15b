import type { ReadSession } from './session.ts';

/** Bytes that make a full batch, however few events. */
const FULL_BYTES = 8 * 1024 * 1024;

export interface Due {
  readonly maxEvents: number;
  readonly maxWaitMs: number;
  readonly quietMs: number;
  /** when the caller got the previous batch */
  readonly deliveredAt: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Resolves to true when there is a batch to deliver, to false when the session is over. A batch is due when it is full,
 * or its first message is `maxWaitMs` old; at the end of the stream also when the previous batch is that old, so that a
 * message after a pause does not wait, or when nothing arrived for `quietMs`.
 */
export function batchIsDue(
  session: ReadSession,
  { maxEvents, maxWaitMs, quietMs, deliveredAt, signal }: Due,
): Promise<boolean> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    let timerAt = Number.POSITIVE_INFINITY;
    const answer = (due: boolean): void => {
      clearTimeout(timer);
      session.wake = () => {};
      signal?.removeEventListener('abort', stop);
      resolve(due);
    };
    const stop = (): void => answer(false);
    const look = () => {
      const count = session.waiting.size;
      if (session.failed !== null) return answer(count > 0);
      if (count === 0) return;
      if (count >= maxEvents) return answer(true);
      const { oldestAt, newestAt } = session.waiting;
      const dueAt =
        session.newestPending === 0
          ? Math.min(oldestAt + maxWaitMs, deliveredAt + maxWaitMs, newestAt + quietMs)
          : oldestAt + maxWaitMs;
      const now = performance.now();
      if (dueAt <= now || session.waiting.bytes >= FULL_BYTES) return answer(true);
      if (dueAt >= timerAt) return;
      clearTimeout(timer);
      timerAt = dueAt;
      // Not for every message that arrives: what came meanwhile is considered then.
      timer = setTimeout(() => {
        timerAt = Number.POSITIVE_INFINITY;
        look();
      }, dueAt - now);
    };
    if (signal?.aborted) return answer(false);
    signal?.addEventListener('abort', stop, { once: true });
    session.wake = look;
    look();
  });
}
