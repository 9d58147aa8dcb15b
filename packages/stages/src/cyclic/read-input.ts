import type { Batch, LogReader } from '@crunch-node/eventlog';
import type { Notifier } from '@crunch-node/service';
import type { StreamDefinition } from '@crunch-node/streams';
import type { CycleBarrier, Source } from './cycle-barrier.ts';

/** One stream, read for several partitions. */
export interface Reading {
  readonly log: LogReader;
  readonly input: StreamDefinition;
  /** sequence up to which no partition needs to read; default 0 */
  readonly after?: number;
  readonly notifier: Notifier;
  /** whether the stage passes trace contexts on */
  readonly traces?: boolean;
  /** of the partitions still at work; the list may become shorter */
  barriers(): readonly CycleBarrier[];
  /** Called with each batch of the shared reader, before its events are distributed. */
  read(batch: Batch): Promise<void>;
  /** Called with the sequence up to which a partition has accepted its own events, by either reader. */
  reached?(barrier: CycleBarrier, sequence: number): void;
}

/** How long a reader of its own stays open when its source has no room. */
const PATIENCE_MS = 1_000;
const EVENTS_AT_ONCE = 1_000;
const BYTES_AT_ONCE = 2 * 1024 * 1024;

/** Many readers may run for one stage: large events are read fewer at once. */
function atOnce({ events }: Batch): number {
  const bytes = events.reduce((sum, event) => sum + (event.bytes ?? 0), 0);
  if (bytes === 0) return EVENTS_AT_ONCE;
  return Math.max(1, Math.min(EVENTS_AT_ONCE, Math.floor((BYTES_AT_ONCE * events.length) / bytes)));
}

/**
 * Reads a stream without end, while some partition lacks its next cycles. Partitions are at different points of the
 * log, and events a partition cannot use yet are buffered up to a limit: a source beyond it is passed by, and gets a
 * reader of its own that waits for it, until it has caught up with the others. So memory is bounded however far one
 * lags.
 */
export async function readInput(reading: Reading, running: AbortSignal): Promise<void> {
  const { log, input, notifier, traces = false, after = 0 } = reading;
  const broken = new AbortController();
  const signal = AbortSignal.any([running, broken.signal]);
  const served = new Map<Source, symbol>();
  const late: Promise<void>[] = [];
  let fault: { readonly error: unknown } | undefined;
  /** position of the shared reader */
  let readTo = 0;

  const wake = (barrier: CycleBarrier): void =>
    reading.reached?.(barrier, Math.min(readTo, ...barrier.behind(input).map(({ takenTo }) => takenTo)));

  function followAgain(barrier: CycleBarrier, source: Source): void {
    // At once: its reader is still closing when the shared one may pass the source by again.
    served.delete(source);
    barrier.caughtUp(source);
    wake(barrier);
  }

  async function serve(barrier: CycleBarrier, source: Source, firstAtOnce: number): Promise<void> {
    const isOver = (): boolean => !reading.barriers().includes(barrier);
    const mayGoOn = (): boolean => source.hasRoom || isOver();
    let after = source.takenTo;
    let maxEvents = firstAtOnce;
    while (!signal.aborted) {
      for await (const batch of log.read(input, { after, maxEvents, maxWaitMs: 0, traces, signal })) {
        for (const { natsSubject, event, sequence, bytes = 0, stored_us, traceparent } of batch.events) {
          barrier.take(input, natsSubject, event, { sequence, bytes, stored_us, traceparent }, source);
        }
        [after, maxEvents] = [batch.lastSequence, atOnce(batch)];
        wake(barrier);
        const isSoon = await notifier.within(PATIENCE_MS, mayGoOn, signal);
        if (signal.aborted || isOver()) return;
        if (isSoon && after >= readTo) return followAgain(barrier, source);
        // A reader holds what it has read ahead. One that waits for long is closed, and opened again at its position.
        if (!isSoon) break;
      }
      if (!(await notifier.until(mayGoOn, signal)) || isOver()) return;
      if (after >= readTo) return followAgain(barrier, source);
    }
  }

  function lookAfter(barrier: CycleBarrier, batch: Batch): void {
    for (const source of barrier.behind(input)) {
      if (served.has(source)) continue;
      const reader = Symbol(source.address);
      served.set(source, reader);
      const serving = serve(barrier, source, atOnce(batch))
        .catch((error: unknown) => {
          if (signal.aborted) return;
          fault ??= { error };
          broken.abort();
        })
        .finally(() => {
          if (served.get(source) === reader) served.delete(source);
        });
      late.push(serving);
      void serving.then(() => late.splice(late.indexOf(serving), 1));
    }
  }

  try {
    for await (const batch of log.read(input, { after, maxWaitMs: 0, traces, signal })) {
      readTo = batch.lastSequence;
      for (const barrier of reading.barriers()) {
        for (const { event, natsSubject, sequence, bytes = 0, stored_us, traceparent } of batch.events) {
          barrier.take(input, natsSubject, event, { sequence, bytes, stored_us, traceparent });
        }
        lookAfter(barrier, batch);
        wake(barrier);
      }
      await reading.read(batch);
      const isWanted = (): boolean => reading.barriers().some((barrier) => barrier.isHungryFor(input));
      if (!(await notifier.until(isWanted, signal))) break;
    }
  } finally {
    broken.abort();
    notifier.notify();
    await Promise.all(late);
  }
  if (fault !== undefined) throw fault.error;
}
