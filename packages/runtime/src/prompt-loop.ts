import type { Recorded } from '@crunch-node/eventlog';
import {
  type Closing,
  type Cycle,
  type Event,
  isClosing,
  type JsonObject,
  type Observations,
  type StreamDefinition,
} from '@crunch-node/streams';
import { aborted } from './aborted.ts';
import { Closings } from './closings.ts';
import { type Consulted, consult, type Knowledge, noKnowledge } from './consulted.ts';
import { counter, type LoopMeans, runTogether } from './loop.ts';
import { readOutboxes, readTail, type Writership } from './outbox.ts';
import { Pulse } from './pulse.ts';
import { Writer } from './writer.ts';

/**
 * One partition of a prompt stage, as a value. `W`: the work one event causes; `A`: the answers to it; `K`: what it
 * knows of a stream it consults.
 */
export interface PromptStage<S = unknown, W = unknown, A = unknown, K = unknown> extends Writership {
  readonly input: StreamDefinition;
  /** closings of the input that make up the closing of a cycle, by their address; absent: the input has one writer */
  readonly sources?: readonly string[];
  readonly consulted?: Consulted<K>;
  /** replay pace: the work of one event ends before the next event is looked at */
  readonly sequential: boolean;
  initial(): S;
  /** Folds what this partition itself has said: counters that must survive a restart. Pure. */
  remember(state: S, said: Event): S;
  /**
   * What an event asks for. Pure, but for state that is its own to change. With several sources a closing may complete
   * work of the cycle it closes.
   */
  plan(state: S, event: Event): { readonly state: S; readonly work: W | null };
  /** The work without what has been said already; null when nothing is left of it. */
  remaining(work: W, hasSaid: (id: string) => boolean): W | null;
  /** The only I/O. */
  ask(work: W, state: S, signal: AbortSignal, knowledge: Knowledge<K>): Promise<A>;
  /** What is said about it. Pure. */
  record(work: W, answers: A): readonly { readonly event: Event; readonly obs?: Observations }[];
  /** The closing to forward. */
  closing(cycle: Cycle): Closing;
}

/** Events a partition may lag behind the reader; bounds memory when one partition is slow. */
const QUEUE_LIMIT = 1_000;

/** Runs the partitions of a prompt stage this process owns, on one shared reader. */
export async function runPrompt(
  stages: readonly PromptStage[],
  { log, guard, signal, vitals }: LoopMeans,
): Promise<void> {
  const [first] = stages;
  if (first === undefined) return;
  const outboxes = await readOutboxes(log, stages, signal);
  const states = stages.map((stage) => stage.initial());
  await readTail(log, first.stream, 0, signal, ({ event, natsSubject }) => {
    const owner = stages.findIndex((stage) => stage.owns(natsSubject));
    if (owner >= 0 && !isClosing(event)) states[owner] = stages[owner]!.remember(states[owner], event);
  });
  const publisher = log.publisher();
  const pulse = new Pulse(signal);
  const queues = stages.map((): Recorded[] => []);
  const count = counter(vitals);
  const consultations = stages.map(
    ({ consulted }, i) =>
      consulted && consult(consulted, (outboxes[i]?.lastClosing?.event ?? null) as Closing | null, signal),
  );

  async function readInput(input: StreamDefinition, running: AbortSignal): Promise<void> {
    for await (const batch of log.read(input, { after: 0, maxEvents: QUEUE_LIMIT, maxWaitMs: 0, signal: running })) {
      for (const queue of queues) queue.push(...batch.events);
      count('events', batch.events.length);
      pulse.beat();
      if (!(await pulse.until(() => queues.every((queue) => queue.length < QUEUE_LIMIT), running))) return;
    }
  }

  async function runPartition(i: number, running: AbortSignal, fail: (error: unknown) => void): Promise<void> {
    const stage = stages[i]!;
    const queue = queues[i]!;
    const writer = new Writer(log, publisher, stage.stream, outboxes[i]!);
    const knowledge: Knowledge = consultations[i] ?? noKnowledge;
    const closings = stage.sources && new Closings(stage.sources);
    const saidUntil = (outboxes[i]?.lastClosing?.event as Closing | undefined)?.data.end ?? '';
    /** work of the open cycle */
    let inFlight: Promise<void>[] = [];
    /** settles when every closing so far is out: what belongs to the next cycle may be asked before, not said */
    let closed: Promise<void> = Promise.resolve();
    let lastEnd = '';

    async function workOn(work: unknown, cause: Observations | undefined): Promise<void> {
      const earlierClosings = closed;
      const answers = await stage.ask(work, states[i], running, knowledge);
      // Work given up because we are stopping leaves its cycle open: the next owner does it.
      running.throwIfAborted();
      const said = stage.record(work, answers);
      await earlierClosings;
      await Promise.all(said.map(({ event, obs }) => writer.say(event, { obs: withCause(cause, obs) })));
      for (const { event } of said) states[i] = stage.remember(states[i], event);
      count('said', said.length);
    }

    async function forward(closing: Closing, earlier: Promise<void>, work: readonly Promise<void>[]): Promise<void> {
      await Promise.all([earlier, ...work]);
      await guard.untilActive(running);
      await writer.close(stage.closing(closing.data));
      consultations[i]?.forget(closing);
      count('cycles', 1);
    }

    async function go(step: Promise<void>): Promise<void> {
      if (stage.sequential) await step;
      else step.catch((error: unknown) => running.aborted || fail(error));
    }

    if (consultations[i]) await Promise.race([consultations[i].caughtUp, aborted(running)]);
    while (await pulse.until(() => queue.length > 0, running)) {
      const { event, obs, natsSubject } = queue.shift()!;
      if (queue.length === QUEUE_LIMIT - 1) pulse.beat();
      const { state, work } = stage.plan(states[i], event);
      states[i] = state;
      const inThePast = saidUntil !== '' && lastEnd < saidUntil;
      const remaining = work === null || inThePast ? null : stage.remaining(work, (id) => writer.hasSaid(id));
      if (remaining !== null) {
        const step = workOn(remaining, obs);
        inFlight.push(step);
        await go(step);
      }
      if (!isClosing(event)) continue;
      for (const closing of closings?.take(natsSubject, event) ?? [event]) {
        lastEnd = closing.data.end;
        if (lastEnd <= saidUntil) continue;
        closed = forward(closing, closed, inFlight);
        inFlight = [];
        await go(closed);
      }
    }
    await Promise.allSettled([closed, ...inFlight]);
  }

  await runTogether(log, signal, publisher, (running, fail) => {
    running.addEventListener('abort', () => pulse.beat(), { once: true });
    return [
      readInput(first.input, running),
      ...consultations.flatMap((consultation) => (consultation ? [consultation.read(log, running)] : [])),
      ...stages.map((_, i) => runPartition(i, running, fail)),
    ];
  });
}

/** Stage stamps of the event that caused it travel on, unseen by the stage. */
function withCause(cause: Observations | undefined, obs: Observations | undefined): Observations {
  const timing = { ...(cause?.timing as JsonObject | undefined), ...(obs?.timing as JsonObject | undefined) };
  return { ...obs, timing };
}
