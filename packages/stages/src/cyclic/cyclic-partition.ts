import type { Publisher } from '@crunch-node/eventlog';
import { continueTrace, traceIdOf } from '@crunch-node/service';
import { type Closing, type Cycle, canonicalOrder, type Event } from '@crunch-node/streams';
import { counter, type LoopContext } from '../loop.ts';
import type { Partition } from '../ownership/partition.ts';
import type { PartitionLease } from '../ownership/partition-lease.ts';
import type { PublishedTail } from '../publish/published-tail.ts';
import { Writer } from '../publish/writer.ts';
import type { Resumption } from '../saved-state/resume.ts';
import type { SavedState } from '../saved-state/saved-state.ts';
import type { CycleBarrier, PlacedCycle } from './cycle-barrier.ts';
import type { CyclicStage } from './cyclic-stage.ts';

/** A partition of a cyclic stage, with what is known of it when it is taken. */
export interface CyclicPartition {
  readonly stage: CyclicStage;
  readonly lease: PartitionLease;
  readonly barrier: CycleBarrier;
  readonly tail: PublishedTail;
  /** null: it begins with the first cycle */
  readonly saved: SavedState | null;
  /** its own closings by end of cycle, if the stage wants to be told of every one */
  readonly past: ReadonlyMap<string, Closing>;
}

/** Reacts to one cycle after the other until the partition is given away or taken. */
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
  let state = saved === null ? stage.initial() : saved.state;
  if (lastPublished !== null && saved?.cycle_end === lastPublished.data.end && stage.adopt)
    state = stage.adopt(state, lastPublished);

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
      state: stage.keeps ? stage.keeps(state) : state,
    });
  }

  for (;;) {
    const closed = await barrier.next(own, handover);
    // Between two cycles nothing is on its way: here a partition is given away.
    if (closed === null) return;
    inHand = 1;
    const begunAt = performance.now();
    const reaction = stage.react(state, closed.cycle, closed.events.sort(canonicalOrder));
    state = reaction.state;
    progress.moved();
    inHand = 0;
    const traces = tracesOf(stage, barrier, reaction.events);
    if (lastPublished !== null && closed.cycle.end <= lastPublished.data.end) {
      const published = closed.cycle.end === lastPublished.data.end ? lastPublished : past.get(closed.cycle.end);
      if (published !== undefined && stage.adopt) state = stage.adopt(state, published);
      remember(closed, lastPublished, published === lastPublished ? (tail.lastClosing?.sequence ?? 0) : 0);
      continue;
    }
    inHand = 1;
    await guard.untilActive(own);
    const sequence = await publishEvents(writer, closed.cycle, reaction.events, traces);
    logPublished(stage, partition, reaction.events, traces, context);
    inHand = 0;
    progress.close(closed.cycle.end);
    instruments.committed((performance.now() - begunAt) / 1000);
    instruments.cycleClosed(partition);
    count('cycles', 1);
    count('said', reaction.events.length);
    remember(closed, reaction.events.at(-1) as Closing, sequence);
  }
}

type Traces = ReadonlyMap<Event, string>;

/** Also for a cycle that was said before: what is asked for is not kept any longer. */
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

/** Answers the sequence of the closing. */
async function publishEvents(writer: Writer, cycle: Cycle, events: readonly Event[], traces: Traces): Promise<number> {
  const closing = events.at(-1);
  if (closing?.type !== 'CycleClosed') throw new TypeError(`expected the cycle ${cycle.end} to be closed last`);
  await Promise.all(
    events.slice(0, -1).map((event) => {
      const traceparent = traces.get(event);
      return writer.publish(event, traceparent === undefined ? {} : { traceparent });
    }),
  );
  return writer.close(closing as Closing);
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
