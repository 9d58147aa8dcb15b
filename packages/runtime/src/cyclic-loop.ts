import type { EventLog, Publisher } from '@crunch-node/eventlog';
import {
  type Closing,
  type Cycle,
  canonicalOrder,
  type Event,
  isClosing,
  type JsonObject,
  type StreamDefinition,
} from '@crunch-node/streams';
import { account } from './account.ts';
import { Inbox, type PlacedCycle } from './inbox.ts';
import { counter, type LoopMeans, runTogether, tenancyOf } from './loop.ts';
import { readOutboxes, readTail, type Writership } from './outbox.ts';
import { Pulse } from './pulse.ts';
import { readInput } from './read-input.ts';
import { resume } from './saved-state/resume.ts';
import { type Partition, publishing } from './tenancy.ts';
import { continueTrace, traceIdOf } from './trace.ts';
import { Writer } from './writer.ts';

/** One partition of a cyclic stage, as a value. */
export interface CyclicStage<S = unknown> extends Writership {
  /** streams it reads */
  readonly inputs: readonly StreamDefinition[];
  /** closings it waits for, by their address: `feeds.cycle`, `predictions.3` */
  readonly sources: readonly string[];
  initial(): S;
  /** What of a state is worth keeping over restarts; all of it unless it says so. It must react no differently. */
  keeps?(state: S): S;
  /** said by this writer in answer to a command, whenever that came: no part of a cycle, nothing to recompute */
  answersCommand?(event: Event): boolean;
  /** called once per closed cycle; the last event it returns is the closing */
  react(state: S, cycle: Cycle, events: readonly Event[]): { readonly state: S; readonly events: readonly Event[] };
  /** How traces go through it: of which inputs, and which input caused what is said. Each causes one event. */
  readonly traces?: { of(input: Event): boolean; causeOf(said: Event): string | null };
  /** What is worth a line in the log of the process: what went wrong in what was said. Null: nothing. */
  failures?(said: Event): JsonObject | null;
  /** takes over what a closing we said knows better than a recomputed state */
  adopt?(state: S, closing: Closing): S;
  /** which of its past closings it has to be told of; the last one unless it says so */
  readonly adopts?: 'every';
}

/**
 * Runs partitions of a cyclic stage that were taken together. One reader per input stream serves all of them; a stream
 * is read on while some partition lacks its next cycles; one that lags far behind the others is read for apart. A
 * partition that is lost or given away ends alone; the rest goes on.
 */
export async function runCyclic(stages: readonly CyclicStage[], means: LoopMeans): Promise<void> {
  const { log, logger, guard, signal, vitals, instruments } = means;
  const outboxes = await readOutboxes(log, stages, signal);
  const pulse = new Pulse(signal);
  const tenancies = stages.map((_, i) => tenancyOf(means, i));
  const resumption = await resume(
    stages.map((stage) => ({ ...stage, reads: stage.inputs })),
    means,
    tenancies,
    outboxes,
  );
  const { saved } = resumption;
  const past = await pastClosings(log, stages, Math.min(...saved.map((state) => state?.said ?? 0)), signal);
  const inboxes = stages.map((stage) => new Inbox(stage.sources, pulse, undefined, stage.traces?.of));
  for (const [i, state] of saved.entries()) if (state !== null) inboxes[i]!.beginAfter(state.cycle_end, state.places);
  const working = new Set(stages.keys());
  const count = counter(vitals);

  const readFor = (input: StreamDefinition, running: AbortSignal): Promise<void> => {
    const readers = (): number[] => [...working].filter((i) => stages[i]!.inputs.includes(input));
    return readInput(
      {
        log,
        input,
        after: resumption.after(input),
        pulse,
        traces: stages.some(({ traces }) => traces !== undefined),
        inboxes: () => readers().map((i) => inboxes[i]!),
        async read(batch) {
          for (const i of readers()) {
            const [inbox, { progress }] = [inboxes[i]!, tenancies[i]!];
            const takenTo = inbox.behind(input).map((source) => source.takenTo);
            progress.readTo(input.name, Math.min(batch.lastSequence, ...takenTo));
            progress.sawClosing(inbox.newest);
          }
          count('events', batch.events.length);
          await account(input.name, batch, means, running);
        },
      },
      running,
    );
  };

  async function runPartition(i: number, own: AbortSignal, publisher: Publisher): Promise<void> {
    const stage = stages[i]!;
    const inbox = inboxes[i]!;
    const outbox = outboxes[i]!;
    const { partition, progress, leaving } = tenancies[i]!;
    const writer = new Writer(log, publisher, stage.stream, outbox);
    const lastSaid = (outbox.lastClosing?.event ?? null) as Closing | null;
    if (lastSaid !== null) progress.close(lastSaid.data.end);
    let inHand = 0;
    progress.countPending(() => inHand);
    progress.waitFor(() => inbox.lacking);
    const begins = saved[i] ?? null;
    let state = begins === null ? stage.initial() : begins.state;
    if (lastSaid !== null && begins?.cycle_end === lastSaid.data.end && stage.adopt)
      state = stage.adopt(state, lastSaid);
    const saver = means.states?.saver(partition, own);

    function remember({ cycle, closings }: PlacedCycle, closing: Closing, said: number): void {
      if (saver === undefined) return;
      const places = Object.entries(closings).map(([address, { stream, ...seen }]) => [
        address,
        resumption.placeIn(stream, seen),
      ]);
      saver.offer({
        cycle_end: cycle.end,
        places: { ...Object.fromEntries(places), ...resumption.placeOfOwn(stage.stream.name, closing, said) },
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
        const said = closed.cycle.end === lastSaid.data.end ? lastSaid : past[i]!.get(closed.cycle.end);
        if (said !== undefined && stage.adopt) state = stage.adopt(state, said);
        remember(closed, lastSaid, said === lastSaid ? (outbox.lastClosing?.sequence ?? 0) : 0);
        continue;
      }
      inHand = 1;
      await guard.untilActive(own);
      const sequence = await say(writer, closed.cycle, reaction.events, traces);
      tell(stage, partition, reaction.events, traces);
      inHand = 0;
      progress.close(closed.cycle.end);
      instruments.committed((performance.now() - begunAt) / 1000);
      instruments.cycleClosed(partition);
      count('cycles', 1);
      count('said', reaction.events.length);
      remember(closed, reaction.events.at(-1) as Closing, sequence);
    }
  }

  function tell(stage: CyclicStage, partition: Partition, said: readonly Event[], traces: Traces): void {
    const tellsAll = stage.traces !== undefined && logger.isLevelEnabled('debug');
    for (const event of said) {
      const failures = stage.failures?.(event) ?? null;
      if (failures === null && !tellsAll) continue;
      const about = { partition, event_id: event.id, trace_id: traceIdOf(traces.get(event)) };
      if (failures === null) logger.debug(about, 'said');
      else logger.info({ ...about, ...failures }, 'said, with failures');
    }
  }

  async function hold(i: number, running: AbortSignal): Promise<void> {
    const tenancy = tenancies[i]!;
    const wake = (): void => pulse.beat();
    tenancy.leaving.addEventListener('abort', wake, { once: true });
    try {
      await tenancy.hold(running, async (own) => {
        own.addEventListener('abort', wake, { once: true });
        await publishing(log, tenancy, own, instruments, (publisher) => runPartition(i, own, publisher));
      });
    } finally {
      working.delete(i);
      tenancy.leaving.removeEventListener('abort', wake);
      pulse.beat();
    }
  }

  const inputs = [
    ...new Map(stages.flatMap((stage) => stage.inputs.map((input) => [input.name, input] as const))).values(),
  ];
  await runTogether(log, signal, (running) => {
    running.addEventListener('abort', () => pulse.beat(), { once: true });
    return {
      readers: inputs.map((input) => readFor(input, running)),
      partitions: stages.map((_, i) => hold(i, running)),
    };
  });
}

/** Closings by end of cycle, of the stages that want to be told of every one. @param after sequence to begin at */
async function pastClosings(
  log: EventLog,
  stages: readonly CyclicStage[],
  after: number,
  signal: AbortSignal,
): Promise<readonly ReadonlyMap<string, Closing>[]> {
  const past = stages.map(() => new Map<string, Closing>());
  const [first] = stages;
  if (first === undefined || !stages.some(({ adopts }) => adopts === 'every')) return past;
  await readTail(log, first.stream, after, signal, ({ event, natsSubject }) => {
    const owner = stages.findIndex(
      ({ closingSubject, adopts }) => adopts === 'every' && closingSubject === natsSubject,
    );
    if (owner >= 0 && isClosing(event)) past[owner]!.set(event.data.end, event);
  });
  return past;
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
