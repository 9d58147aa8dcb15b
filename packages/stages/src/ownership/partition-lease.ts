import { setTimeout as delay } from 'node:timers/promises';
import type { LogAppender, LogConnection, Publisher } from '@crunch-node/eventlog';
import { aborted } from '@crunch-node/service';
import type { StageInstruments } from '../stage-instruments.ts';
import type { Partition } from './partition.ts';
import { Progress } from './progress.ts';

/** A partition while this instance owns it. */
export interface PartitionLease {
  readonly partition: Partition;
  /** aborts when the lease is lost: nothing more may be published */
  readonly lost: AbortSignal;
  /** aborts when the partition is to be handed over at the next closing */
  readonly handover: AbortSignal;
  readonly progress: Progress;
  /**
   * Works on the partition until the work ends, `running` aborts or the lease is lost, then releases the lease. Work
   * that is fenced ends this partition alone; other faults are passed on.
   */
  hold(running: AbortSignal, work: (own: AbortSignal) => Promise<void>): Promise<void>;
}

/** How long what is in flight may take when a partition ends; then it is rejected, and published by the next owner. */
export const DRAIN_MS = 3_000;

const never = new AbortController().signal;

/** Held for as long as the process runs: for stages without leases. */
export const soleLease = (partition: Partition = 'all'): PartitionLease => ({
  partition,
  lost: never,
  handover: never,
  progress: new Progress(),
  hold: (running, work) => work(running),
});

/**
 * Works on a partition with a publisher of its own. When stopped, it completes what is in flight and no more, within a
 * deadline; with its lease lost, nothing is sent any more.
 */
export async function publishing(
  log: LogAppender & Pick<LogConnection, 'connected'>,
  { lost, partition }: PartitionLease,
  own: AbortSignal,
  instruments: StageInstruments,
  work: (publisher: Publisher) => Promise<void>,
): Promise<void> {
  const publisher = log.publisher({ onStored: (...stored) => instruments.stored(partition, ...stored) });
  const abandon = (): void => publisher.abandon();
  lost.addEventListener('abort', abandon, { once: true });
  if (lost.aborted) abandon();
  const done = work(publisher);
  done.catch(() => undefined);
  try {
    await Promise.race([done, aborted(own)]);
  } catch (error) {
    // Once stopping, an error is no failure.
    if (!own.aborted) throw error;
  } finally {
    const drained = done.catch(() => undefined);
    const patienceMs = log.connected && !lost.aborted ? DRAIN_MS : 0;
    await Promise.race([drained, aborted(lost), delay(patienceMs, undefined, { ref: false })]);
    if (lost.aborted) abandon();
    else await publisher.close();
    lost.removeEventListener('abort', abandon);
    // Requests still waiting for a server that is away are harmless: a closed publisher publishes nothing.
    await Promise.race([drained, delay(patienceMs, undefined, { ref: false })]);
  }
}
