import { setMaxListeners } from 'node:events';
import type { EventLog } from '@crunch-node/eventlog';
import { Pulse } from '@crunch-node/service';
import {
  type Closing,
  type Cycle,
  canonicalOrder,
  type Event,
  feeds,
  type Instant,
  isClosing,
  type StreamDefinition,
  streamCapturing,
} from '@crunch-node/streams';
import type { CyclicStage } from '../cyclic/cyclic-stage.ts';
import { Inbox } from '../cyclic/inbox.ts';
import { Closings } from '../prompt/closings.ts';
import { type Consulted, type Knowledge, noKnowledge } from '../prompt/consulted.ts';
import type { PromptStage } from '../prompt/prompt-stage.ts';
import type { Writership } from '../publish/outbox.ts';

export interface Recomputation {
  readonly log: EventLog;
  /** recorded streams, taken as they are; all others stages say anew, and hear from each other */
  readonly taken: readonly StreamDefinition[];
  /** every partition of every cyclic stage that is recomputed */
  readonly cyclic: readonly CyclicStage[];
  /** the same of prompt stages; what they `ask` must not leave this process */
  readonly prompt: readonly PromptStage[];
  /** no cycle that ends later; default: as far as what is taken goes */
  readonly until?: Instant;
  readonly signal: AbortSignal;
  /** What stages behind hear of a cycle in place of what would be said today; null: the latter. */
  instead?(by: Writership, cycle: Cycle): Promise<readonly Event[] | null>;
  /** Told what a writer says of each cycle, its closing last. It is waited for. */
  said(by: Writership, cycle: Cycle, events: readonly Event[]): void | Promise<void>;
}

/** Cycles a stage may be ahead of the slowest one: bounds what waits between them. */
const AHEAD = 32;
const QUEUE_LIMIT = 1_000;

/** A stage's partition at work: how many cycles it has closed. */
interface Node {
  closed: number;
  ended: boolean;
}

/**
 * Says everything behind the taken streams anew, with the functions that serve live and nothing published: from the
 * first cycle on, cycle by cycle, in memory.
 * @throws {CycleMismatch} when what is taken was written by two different pasts
 */
export async function recompute(recomputation: Recomputation): Promise<void> {
  const { log, taken, cyclic, prompt, signal, said, instead } = recomputation;
  const lastEnd = await endOf(recomputation);
  if (lastEnd === null) return;
  const done = new AbortController();
  const running = AbortSignal.any([signal, done.signal]);
  setMaxListeners(0, running); // every reader and stage listens to it: many is no leak
  const pulse = new Pulse(running);
  const inboxes = cyclic.map(({ sources, inputs }) => new Inbox(sources, inputs, pulse));
  const queues = prompt.map((): { natsSubject: string; event: Event }[] => []);
  const known = prompt.map(({ consulted }) => consulted && new Learned(consulted, pulse));
  const nodes: Node[] = [...cyclic, ...prompt].map(() => ({ closed: 0, ended: false }));
  const slowest = (): number =>
    nodes.reduce((least, { closed, ended }) => (ended ? least : Math.min(least, closed)), Number.POSITIVE_INFINITY);
  const isDue = (node: Node) => () => node.closed - slowest() < AHEAD;

  function deliver(stream: StreamDefinition, natsSubject: string, event: Event): void {
    for (const inbox of inboxes) inbox.take(stream, natsSubject, event);
    prompt.forEach((stage, i) => {
      if (stage.input.name === stream.name) queues[i]!.push({ natsSubject, event });
      if (stage.consulted?.stream.name === stream.name) known[i]!.learn(event);
    });
  }

  async function tell(by: Writership, node: Node, cycle: Cycle, events: readonly Event[]): Promise<void> {
    const addressOf = new Map(by.stream.events.map(({ type, natsSubjectOf }) => [type, natsSubjectOf]));
    for (const event of events) deliver(by.stream, addressOf.get(event.type)!(event.data as never), event);
    await said(by, cycle, events);
    node.closed++;
    pulse.beat();
  }

  async function runCyclicStage(stage: CyclicStage, inbox: Inbox, node: Node): Promise<void> {
    let state = stage.initial();
    for (;;) {
      if (!(await pulse.until(isDue(node), running))) return;
      const closed = await inbox.next(running);
      if (closed === null || closed.cycle.end > lastEnd!) return;
      const reaction = stage.react(state, closed.cycle, closed.events.sort(canonicalOrder));
      const heard = (await instead?.(stage, closed.cycle)) ?? null;
      const closing = heard?.at(-1);
      state = closing && stage.adopt ? stage.adopt(reaction.state, closing as Closing) : reaction.state;
      await tell(stage, node, closed.cycle, heard ?? reaction.events);
      if (closed.cycle.end >= lastEnd!) return;
    }
  }

  async function runPromptStage(stage: PromptStage, i: number, node: Node): Promise<void> {
    const queue = queues[i]!;
    const closings = stage.sources && new Closings(stage.sources);
    const knowledge: Knowledge = known[i] ?? noKnowledge;
    let state = stage.initial();
    let open: Event[] = [];
    while (await pulse.until(() => queue.length > 0 && isDue(node)(), running)) {
      const { natsSubject, event } = queue.shift()!;
      if (queue.length === QUEUE_LIMIT - 1) pulse.beat();
      const planned = stage.plan(state, event);
      state = planned.state;
      const work = planned.work === null ? null : stage.remaining(planned.work, () => false);
      if (work !== null) {
        const answers = await stage.ask(work, state, running, knowledge);
        if (running.aborted) return;
        for (const { event: spoken } of stage.record(work, answers)) {
          state = stage.remember(state, spoken);
          open.push(spoken);
        }
      }
      if (!isClosing(event)) continue;
      for (const closing of closings?.take(natsSubject, event) ?? [event]) {
        if (closing.data.end > lastEnd!) return;
        const events = (await instead?.(stage, closing.data)) ?? [...open, stage.closing(closing.data)];
        open = [];
        await tell(stage, node, closing.data, events);
        if (closing.data.end >= lastEnd!) return;
      }
    }
  }

  async function read(stream: StreamDefinition): Promise<void> {
    const { lastSequence } = await log.info(stream);
    if (lastSequence === 0) return;
    const isHungry = (): boolean =>
      inboxes.some((inbox) => inbox.isHungryFor(stream)) ||
      prompt.some((stage, i) => stage.input.name === stream.name && queues[i]!.length < QUEUE_LIMIT);
    for await (const batch of log.read(stream, { after: 0, maxEvents: 5_000, maxWaitMs: 0, signal: running })) {
      for (const { event, natsSubject } of batch.events) deliver(stream, natsSubject, event);
      pulse.beat();
      if (batch.lastSequence >= lastSequence || !(await pulse.until(isHungry, running))) return;
    }
  }

  const work = [
    ...cyclic.map((stage, i) => runCyclicStage(stage, inboxes[i]!, nodes[i]!)),
    ...prompt.map((stage, i) => runPromptStage(stage, i, nodes[cyclic.length + i]!)),
  ].map((ending, i) =>
    ending.finally(() => {
      nodes[i]!.ended = true;
      pulse.beat();
    }),
  );
  const readers = taken.map(read);
  // A reader that ends has nothing more to give; one that fails ends everything.
  const broken = new Promise<never>((_, reject) => {
    for (const reader of readers) reader.catch(reject);
  });
  try {
    await Promise.race([Promise.all(work), broken]);
  } finally {
    done.abort();
    await Promise.allSettled([...readers, ...work]);
  }
  signal.throwIfAborted();
}

/** End of the last cycle every taken source has closed, at or before `until`; null when one has closed none. */
async function endOf({ log, taken, cyclic, prompt, until }: Recomputation): Promise<Instant | null> {
  const addresses = new Set([...cyclic, ...prompt].flatMap(({ sources }) => sources ?? []));
  if (prompt.some(({ sources }) => sources === undefined)) addresses.add(feeds.closingSubject());
  let end: Instant | null = until ?? null;
  for (const address of addresses) {
    const stream = streamCapturing(taken, address);
    if (stream === undefined) continue;
    const last = await log.last(stream, address);
    if (last === null) return null;
    const closed = (last.event as Closing).data.end;
    if (end === null || closed < end) end = closed;
  }
  return end;
}

/** A consulted stream as it is said anew. Nothing is forgotten: it ends with the recomputation. */
class Learned implements Knowledge {
  #current: unknown;
  readonly #consulted: Consulted;
  readonly #pulse: Pulse;

  constructor(consulted: Consulted, pulse: Pulse) {
    this.#consulted = consulted;
    this.#pulse = pulse;
    this.#current = consulted.initial();
  }

  get current(): unknown {
    return this.#current;
  }

  learn(event: Event): void {
    this.#current = this.#consulted.learn(this.#current, event);
    this.#pulse.beat();
  }

  until(condition: (known: unknown) => boolean, signal: AbortSignal): Promise<boolean> {
    return this.#pulse.until(() => condition(this.#current), signal);
  }
}
