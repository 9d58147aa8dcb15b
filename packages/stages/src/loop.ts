import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog, LogConnection, Publisher } from '@crunch-node/eventlog';
import { aborted, type ConfigGuard, type Notifier, type Vitals } from '@crunch-node/service';
import type { Logger } from 'pino';
import { DRAIN_MS, type PartitionLease, publishing, soleLease } from './ownership/partition-lease.ts';
import type { StateKeeper } from './saved-state/keeper.ts';
import type { StageInstruments } from './stage-instruments.ts';

/** Dependencies of a stage loop. */
export interface LoopContext {
  /** name of the stage, for people */
  readonly name: string;
  readonly log: EventLog;
  readonly logger: Logger;
  readonly guard: ConfigGuard;
  readonly signal: AbortSignal;
  readonly vitals: Vitals;
  readonly instruments: StageInstruments;
  /** saves the states of partitions; absent: they start with the first cycle */
  readonly states?: StateKeeper;
  /** one per partition of the loop, in the same order; absent: the partitions are owned for as long as the loop runs */
  readonly leases?: readonly PartitionLease[];
}

export const partitionLeaseOf = ({ leases }: LoopContext, i: number): PartitionLease => leases?.[i] ?? soleLease(i);

/** For a stage of one partition with a loop of its own: the work ends with the lease. */
export const holdSole = (context: LoopContext, work: (loopContext: LoopContext) => Promise<void>): Promise<void> =>
  partitionLeaseOf(context, 0).hold(context.signal, (signal) => work({ ...context, signal }));

/**
 * Holds a partition and works on it, with a publisher of its own. Waiters on the notifier are woken when it has to be
 * handed over, and when its work has to end.
 */
export async function holdPublishing(
  { log, instruments }: LoopContext,
  lease: PartitionLease,
  notifier: Notifier,
  running: AbortSignal,
  work: (own: AbortSignal, publisher: Publisher) => Promise<void>,
): Promise<void> {
  const wake = (): void => notifier.notify();
  lease.handover.addEventListener('abort', wake, { once: true });
  try {
    await lease.hold(running, (own) => {
      own.addEventListener('abort', wake, { once: true });
      return publishing(log, lease, own, instruments, (publisher) => work(own, publisher));
    });
  } finally {
    lease.handover.removeEventListener('abort', wake);
  }
}

export const counter =
  (vitals: Vitals) =>
  (name: string, n: number): void => {
    vitals.counts[name] = (vitals.counts[name] ?? 0) + n;
  };

/** What runs together: partitions, and the readers that serve them. */
export interface Tasks {
  readonly readers: readonly Promise<void>[];
  readonly partitions: readonly Promise<void>[];
}

/**
 * Runs until all partitions have ended, something fails, or the signal aborts. In every case nothing is left running:
 * partitions end within their own deadlines, then the readers within theirs.
 */
export async function runTogether(
  log: Pick<LogConnection, 'connected'>,
  signal: AbortSignal,
  start: (running: AbortSignal) => Tasks,
): Promise<void> {
  const ending = new AbortController();
  const running = AbortSignal.any([signal, ending.signal]);
  // Every reader, partition and pause listens to it while it works: many listeners are no leak.
  setMaxListeners(0, running);
  const { readers, partitions } = start(running);
  const broken = new Promise<never>((_, reject) => {
    for (const reader of readers) reader.catch(reject);
  });
  broken.catch(() => undefined);
  try {
    await Promise.race([Promise.all(partitions), broken, aborted(signal)]);
  } finally {
    ending.abort();
    await Promise.allSettled(partitions);
    const patienceMs = log.connected ? DRAIN_MS : 0;
    await Promise.race([Promise.allSettled(readers), delay(patienceMs, undefined, { ref: false })]);
  }
}
