import type { EventLog } from '@crunch-node/eventlog';
import {
  type Closing,
  type Cycle,
  canonicalOrder,
  type Event,
  isClosing,
  type StreamDefinition,
} from '@crunch-node/streams';
import { Inbox } from './inbox.ts';
import { counter, type LoopMeans, runTogether } from './loop.ts';
import { readOutboxes, readTail, type Writership } from './outbox.ts';
import { Pulse } from './pulse.ts';
import { Writer } from './writer.ts';

/** One partition of a cyclic stage, as a value. */
export interface CyclicStage<S = unknown> extends Writership {
  /** streams it reads */
  readonly inputs: readonly StreamDefinition[];
  /** closings it waits for, by their address: `feeds.cycle`, `predictions.3` */
  readonly sources: readonly string[];
  initial(): S;
  /** said by this writer in answer to a command, whenever that came: no part of a cycle, nothing to recompute */
  answersCommand?(event: Event): boolean;
  /** called once per closed cycle; the last event it returns is the closing */
  react(state: S, cycle: Cycle, events: readonly Event[]): { readonly state: S; readonly events: readonly Event[] };
  /** takes over what a closing we said knows better than a recomputed state */
  adopt?(state: S, closing: Closing): S;
  /** which of its past closings it has to be told of; the last one unless it says so */
  readonly adopts?: 'every';
}

/**
 * Runs the partitions of a cyclic stage this process owns. One reader per input stream serves all of them; a stream is
 * read on while some partition lacks its next cycles, so what waits in memory is what partitions are apart in the log.
 */
export async function runCyclic(stages: readonly CyclicStage[], means: LoopMeans): Promise<void> {
  const { log, guard, signal, vitals } = means;
  const outboxes = await readOutboxes(log, stages, signal);
  const past = await pastClosings(log, stages, signal);
  const publisher = log.publisher();
  const pulse = new Pulse(signal);
  const inboxes = stages.map((stage) => new Inbox(stage.sources, pulse));
  const count = counter(vitals);

  async function readInput(input: StreamDefinition, running: AbortSignal): Promise<void> {
    // A cycle is passed from stage to stage: waiting for fuller batches would be paid at every hand-over.
    for await (const batch of log.read(input, { after: 0, maxWaitMs: 0, signal: running })) {
      for (const { event, natsSubject } of batch.events) {
        for (const inbox of inboxes) inbox.take(input, natsSubject, event);
      }
      count('events', batch.events.length);
      if (!(await pulse.until(() => inboxes.some((inbox) => inbox.isHungryFor(input)), running))) return;
    }
  }

  async function runPartition(i: number, running: AbortSignal): Promise<void> {
    const stage = stages[i]!;
    const inbox = inboxes[i]!;
    const outbox = outboxes[i]!;
    const writer = new Writer(log, publisher, stage.stream, outbox);
    const lastSaid = (outbox.lastClosing?.event ?? null) as Closing | null;
    let state = stage.initial();
    for (;;) {
      const closed = await inbox.next(running);
      if (closed === null) return;
      const reaction = stage.react(state, closed.cycle, closed.events.sort(canonicalOrder));
      state = reaction.state;
      if (lastSaid !== null && closed.cycle.end <= lastSaid.data.end) {
        const said = closed.cycle.end === lastSaid.data.end ? lastSaid : past[i]!.get(closed.cycle.end);
        if (said !== undefined && stage.adopt) state = stage.adopt(state, said);
        continue;
      }
      await guard.untilActive(running);
      await say(writer, closed.cycle, reaction.events);
      count('cycles', 1);
      count('said', reaction.events.length);
    }
  }

  const inputs = [
    ...new Map(stages.flatMap((stage) => stage.inputs.map((input) => [input.name, input] as const))).values(),
  ];
  await runTogether(log, signal, publisher, (running) => {
    running.addEventListener('abort', () => pulse.beat(), { once: true });
    return [...inputs.map((input) => readInput(input, running)), ...stages.map((_, i) => runPartition(i, running))];
  });
}

/** Closings by end of cycle, of the stages that want to be told of every one. */
async function pastClosings(
  log: EventLog,
  stages: readonly CyclicStage[],
  signal: AbortSignal,
): Promise<readonly ReadonlyMap<string, Closing>[]> {
  const past = stages.map(() => new Map<string, Closing>());
  const [first] = stages;
  if (first === undefined || !stages.some(({ adopts }) => adopts === 'every')) return past;
  await readTail(log, first.stream, 0, signal, ({ event, natsSubject }) => {
    const owner = stages.findIndex(
      ({ closingSubject, adopts }) => adopts === 'every' && closingSubject === natsSubject,
    );
    if (owner >= 0 && isClosing(event)) past[owner]!.set(event.data.end, event);
  });
  return past;
}

async function say(writer: Writer, cycle: Cycle, events: readonly Event[]): Promise<void> {
  const closing = events.at(-1);
  if (closing?.type !== 'CycleClosed') throw new TypeError(`expected the cycle ${cycle.end} to be closed last`);
  await Promise.all(events.slice(0, -1).map((event) => writer.say(event)));
  await writer.close(closing as Closing);
}
