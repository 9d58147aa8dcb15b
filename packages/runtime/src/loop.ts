import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog, Publisher } from '@crunch-node/eventlog';
import { aborted } from './aborted.ts';
import type { ConfigGuard } from './config-guard.ts';
import type { Vitals } from './supervise.ts';

/** What a stage loop works with. */
export interface LoopMeans {
  readonly log: EventLog;
  readonly guard: ConfigGuard;
  readonly signal: AbortSignal;
  readonly vitals: Vitals;
}

/** How long what is in flight may take when a loop ends; then it is given up, and said again by the next owner. */
const DRAIN_MS = 3_000;

export const counter =
  (vitals: Vitals) =>
  (name: string, n: number): void => {
    vitals.counts[name] = (vitals.counts[name] ?? 0) + n;
  };

/**
 * Runs tasks until all end, one fails, work outside of them calls `fail`, or the signal aborts. Whatever happens, nothing is left running: what is in
 * flight is drained within a deadline, then the publisher is closed.
 */
export async function runTogether(
  log: EventLog,
  signal: AbortSignal,
  publisher: Publisher,
  start: (running: AbortSignal, fail: (error: unknown) => void) => readonly Promise<void>[],
): Promise<void> {
  const ending = new AbortController();
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const running = AbortSignal.any([signal, ending.signal]);
  setMaxListeners(0, running);
  const tasks = start(running, fail);
  try {
    await Promise.race([Promise.all(tasks), failed, aborted(signal)]);
  } finally {
    ending.abort();
    const settled = Promise.allSettled(tasks);
    const drained = (): Promise<unknown> =>
      Promise.race([settled, delay(log.connected ? DRAIN_MS : 0, undefined, { ref: false })]);
    await drained();
    await publisher.close();
    // What still asks a server that is away can do no more harm: nothing can be said through a closed publisher.
    await drained();
  }
}
