import type { Publisher } from '@crunch-node/eventlog';
import { continueTrace, traceIdOf } from '@crunch-node/service';
import { type Closing, type Cycle, canonicalOrder, type Event } from '@crunch-node/streams';
import { counter, type LoopMeans } from '../loop.ts';
import type { Partition } from '../ownership/partition.ts';
import type { Tenancy } from '../ownership/tenancy.ts';
import type { Outbox } from '../publish/outbox.ts';
import { Writer } from '../publish/writer.ts';
import type { Resumption } from '../saved-state/resume.ts';
import type { SavedState } from '../saved-state/saved-state.ts';
import type { CyclicStage } from './cyclic-stage.ts';
import type { Inbox, PlacedCycle } from './inbox.ts';

/** A partition of a cyclic stage, with what is known of it when it is taken. */
export interface CyclicPartition {
  readonly stage: CyclicStage;
  readonly tenancy: Tenancy;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  /** null: it begins with the first cycle */
  readonly saved: SavedState | null;
  /** its own closings by end of cycle, if the stage wants to be told of every one */
  readonly past: ReadonlyMap<string, Closing>;
}

/** Reacts to one cycle after the other until the partition is given away or taken. */
export async function runCyclicPartition(
  { stage, tenancy, inbox, outbox, saved, past }: CyclicPartition,
  means: LoopMeans,
  resumption: Resumption,
  own: AbortSignal,
  publisher: Publisher,
): Promise<void> {
  const { partition, progress, leaving } = tenancy;
  const { log, guard, vitals, instruments } = means;
  const writer = new Writer(log, publisher, stage.stream, outbox);
  const saver = means.states?.saver(partition, own);
  const count = counter(vitals);
  const lastSaid = (outbox.lastClosing?.event ?? null) as Closing | null;
  let inHand = 0;
  progress.countPending(() => inHand);
  progress.waitFor(() => inbox.lacking);
  if (lastSaid !== null) progress.close(lastSaid.data.end);
  let state = saved === null ? stage.initial() : saved.state;
  if (lastSaid !== null && saved?.cycle_end === lastSaid.data.end && stage.adopt) state = stage.adopt(state, lastSaid);

  function remember({ cycle, closings }: PlacedCycle, closing: Closing, said: number): void {
    saver?.offer({
      cycle_end: cycle.end,
      places: {
        ...Object.fromEntries(
          Object.entries(closings).map(([address, { stream, ...seen }]) => [address, resumption.placeIn(stream, seen)]),
        ),
        ...resumption.placeOfOwn(stage.stream.name, closing, said),
      },
      said,
      state: stage.keeps ? stage.keeps(state) : state,
    });
  }

  for (;;) {
    const closed = await inbox.next(own, leaving);
    // Between two cycles nothing is on its way: here a partition is given away.
    if (closed === null) return;
    inHand = 1;
    const begunAt = performance.now();
    const reaction = stage.react(state, closed.cycle, closed.events.sort(canonicalOrder));
    state = reaction.state;
    progress.moved();
    inHand = 0;
    const traces = tracesOf(stage, inbox, reaction.events);
    if (lastSaid !== null && closed.cycle.end <= lastSaid.data.end) {
      const said = closed.cycle.end === lastSaid.data.end ? lastSaid : past.get(closed.cycle.end);
      if (said !== undefined && stage.adopt) state = stage.adopt(state, said);
      remember(closed, lastSaid, said === lastSaid ? (outbox.lastClosing?.sequence ?? 0) : 0);
      continue;
    }
    inHand = 1;
    await guard.untilActive(own);
    const sequence = await say(writer, closed.cycle, reaction.events, traces);
    tell(stage, partition, reaction.events, traces, means);
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
function tracesOf({ traces }: CyclicStage, inbox: Inbox, said: readonly Event[]): Traces {
  const found = new Map<Event, string>();
  if (traces === undefined) return found;
  for (const event of said) {
    const cause = traces.causeOf(event);
    const traceparent = cause === null ? undefined : continueTrace(inbox.traceOf(cause), event.id);
    if (traceparent !== undefined) found.set(event, traceparent);
  }
  return found;
}

/** Answers the sequence of the closing. */
async function say(writer: Writer, cycle: Cycle, events: readonly Event[], traces: Traces): Promise<number> {
  const closing = events.at(-1);
  if (closing?.type !== 'CycleClosed') throw new TypeError(`expected the cycle ${cycle.end} to be closed last`);
  await Promise.all(
    events.slice(0, -1).map((event) => {
      const traceparent = traces.get(event);
      return writer.say(event, traceparent === undefined ? {} : { traceparent });
    }),
  );
  return writer.close(closing as Closing);
}

function tell(
  stage: CyclicStage,
  partition: Partition,
  said: readonly Event[],
  traces: Traces,
  { logger }: LoopMeans,
): void {
  const tellsAll = stage.traces !== undefined && logger.isLevelEnabled('debug');
  for (const event of said) {
    const failures = stage.failures?.(event) ?? null;
    if (failures === null && !tellsAll) continue;
    const about = { partition, event_id: event.id, trace_id: traceIdOf(traces.get(event)) };
    if (failures === null) logger.debug(about, 'event published');
    else logger.info({ ...about, ...failures }, 'event published with failures');
  }
}
