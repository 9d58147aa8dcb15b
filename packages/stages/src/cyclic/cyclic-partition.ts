import type { Publisher } from '@crunch-node/eventlog';
import { continueTrace, traceIdOf } from '@crunch-node/service';
import type { Closing, Event } from '@crunch-node/streams';
import { counter, type LoopContext } from '../loop.ts';
import type { Partition } from '../ownership/partition.ts';
import type { PartitionLease } from '../ownership/partition-lease.ts';
import type { PublishedTail } from '../publish/published-tail.ts';
import { Writer } from '../publish/writer.ts';
import type { Resumption } from '../saved-state/resume.ts';
import type { SavedState } from '../saved-state/saved-state.ts';
import type { CycleBarrier, PlacedCycle } from './cycle-barrier.ts';
import type { CyclicStage } from './cyclic-stage.ts';
import { type Step, stateToBeginWith, stateToKeep, step } from './step.ts';

/** A partition of a cyclic stage, with what is known of it when it is taken. */
export interface CyclicPartition {
  readonly stage: CyclicStage;
  readonly lease: PartitionLease;
  readonly barrier: CycleBarrier;
  readonly tail: PublishedTail;
  /** null: it starts with the first cycle */
  readonly saved: SavedState | null;
  /** its own closings by end of cycle, if the stage needs each of them */
  readonly past: ReadonlyMap<string, Closing>;
}

/** Reacts to one cycle after the other until the partition is given away or lost. */
export async function runCyclicPartition(
  { stage, lease, barrier, tail, saved, past }: CyclicPartition,
  context: LoopContext,
  resumption: Resumption,
  own: AbortSignal,
  publisher: Publisher,
): Promise<void> {
  const { partition, progress, handover } = lease;
  const { log, guard, vitals, instruments } = context;
  const writer = new Writer(log, publisher, stage.stream, tail);
  const saver = context.states?.saver(partition, own);
  const count = counter(vitals);
  const lastPublished = (tail.lastClosing?.event ?? null) as Closing | null;
  let inHand = 0;
  progress.countPending(() => inHand);
  progress.waitFor(() => barrier.lacking);
  if (lastPublished !== null) progress.close(lastPublished.data.end);
  let state = stateToBeginWith(stage, saved, lastPublished);
  barrier.keepTraces(saved?.traces ?? []);

  function remember({ cycle, closings }: PlacedCycle, closing: Closing, closingSequence: number): void {
    saver?.offer({
      cycle_end: cycle.end,
      places: {
        ...Object.fromEntries(
          Object.entries(closings).map(([address, { stream, ...seen }]) => [address, resumption.placeIn(stream, seen)]),
        ),
        ...resumption.placeOfOwn(stage.stream.name, closing, closingSequence),
      },
      closingSequence,
      state: stateToKeep(stage, state),
      traces: barrier.tracesKept(),
    });
  }

  for (;;) {
    const closed = await barrier.next(own, handover);
    // Between two cycles nothing is in flight: the moment to give a partition away.
    if (closed === null) return;
    inHand = 1;
    const begunAt = performance.now();
    const { end } = closed.cycle;
    const isPublished = lastPublished !== null && end <= lastPublished.data.end;
    const isLast = end === lastPublished?.data.end;
    const published = isLast ? lastPublished : isPublished ? (past.get(end) ?? null) : null;
    const stepped = step(stage, state, closed, published);
    state = stepped.state;
    progress.moved();
    inHand = 0;
    const traces = tracesOf(stage, barrier, stepped.events);
    if (isPublished) {
      remember(closed, lastPublished, isLast ? (tail.lastClosing?.sequence ?? 0) : 0);
      continue;
    }
    inHand = 1;
    await guard.untilActive(own);
    const sequence = await publishEvents(writer, stepped, traces);
    logPublished(stage, partition, stepped.events, traces, context);
    inHand = 0;
    progress.close(end);
    instruments.committed((performance.now() - begunAt) / 1000);
    instruments.cycleClosed(partition);
    count('cycles', 1);
    count('published', stepped.events.length);
    remember(closed, stepped.closing, sequence);
  }
}

type Traces = ReadonlyMap<Event, string>;

/** Also for a cycle that was published before: its trace contexts need not be kept any longer. */
function tracesOf({ traces }: CyclicStage, barrier: CycleBarrier, published: readonly Event[]): Traces {
  const found = new Map<Event, string>();
  if (traces === undefined) return found;
  for (const event of published) {
    const cause = traces.causeOf(event);
    const traceparent = cause === null ? undefined : continueTrace(barrier.traceOf(cause), event.id);
    if (traceparent !== undefined) found.set(event, traceparent);
  }
  return found;
}

/** Returns the sequence of the closing. */
async function publishEvents(writer: Writer, { events, closing }: Step, traces: Traces): Promise<number> {
  await Promise.all(
    events.slice(0, -1).map((event) => {
      const traceparent = traces.get(event);
      return writer.publish(event, traceparent === undefined ? {} : { traceparent });
    }),
  );
  return writer.close(closing);
}

function logPublished(
  stage: CyclicStage,
  partition: Partition,
  published: readonly Event[],
  traces: Traces,
  { logger }: LoopContext,
): void {
  const logsAll = stage.traces !== undefined && logger.isLevelEnabled('debug');
  for (const event of published) {
    const failures = stage.failures?.(event) ?? null;
    if (failures === null && !logsAll) continue;
    const about = { partition, event_id: event.id, trace_id: traceIdOf(traces.get(event)) };
    if (failures === null) logger.debug(about, 'event published');
    else logger.info({ ...about, ...failures }, 'event published with failures');
  }
}
