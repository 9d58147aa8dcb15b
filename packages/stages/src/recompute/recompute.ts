import { setMaxListeners } from 'node:events';
import type { LogLookup, LogReader } from '@crunch-node/eventlog';
import { Notifier } from '@crunch-node/service';
import {
  type Closing,
  type Cycle,
  type Event,
  feeds,
  type Instant,
  isClosing,
  natsSubjectIn,
  type StreamDefinition,
  streamCapturing,
} from '@crunch-node/streams';
import { CycleBarrier } from '../cyclic/cycle-barrier.ts';
import type { CyclicStage } from '../cyclic/cyclic-stage.ts';
import { step } from '../cyclic/step.ts';
import { Closings } from '../prompt/closings.ts';
import { type Knowledge, noKnowledge, type SideInput } from '../prompt/knowledge.ts';
import type { PromptStage } from '../prompt/prompt-stage.ts';
import { completedBy, promptStep } from '../prompt/step.ts';
import type { Writership } from '../publish/published-tail.ts';

export interface Recomputation {
  readonly log: LogReader & LogLookup;
  /** recorded streams, used as they are; all others are recomputed by stages and passed between them */
  readonly taken: readonly StreamDefinition[];
  /** every partition of every cyclic stage that is recomputed */
  readonly cyclic: readonly CyclicStage[];
  /** the same for prompt stages; their `ask` must not have effects outside this process */
  readonly prompt: readonly PromptStage[];
  /** no cycle that ends later; default: as far as the recorded streams go */
  readonly until?: Instant;
  readonly signal: AbortSignal;
  /** A cycle passed to later stages in place of the recomputed one; null: the recomputed one. */
  instead?(by: Writership, cycle: Cycle): Promise<readonly Event[] | null>;
  /** Called with what a writer would publish in each cycle, its closing last. It is awaited. */
  recomputed(by: Writership, cycle: Cycle, events: readonly Event[]): void | Promise<void>;
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
 * Recomputes everything after the recorded streams, with the functions of live operation and nothing published before:
 * from the first cycle on, cycle by cycle, in memory.
 * @throws {CycleMismatch} when the cycles of the recorded streams do not match
 */
export async function recompute(recomputation: Recomputation): Promise<void> {
  const { log, taken, cyclic, prompt, signal, recomputed, instead } = recomputation;
  const lastEnd = await endOf(recomputation);
  if (lastEnd === null) return;
  const done = new AbortController();
  const running = AbortSignal.any([signal, done.signal]);
  setMaxListeners(0, running); // every reader and stage listens to it: many listeners are no leak
  const notifier = new Notifier(running);
  const barriers = cyclic.map(({ sources, inputs }) => new CycleBarrier(sources, inputs, notifier));
  const queues = prompt.map((): { natsSubject: string; event: Event }[] => []);
  const known = prompt.map(({ sideInput }) => sideInput && new Learned(sideInput, notifier));
  const nodes: Node[] = [...cyclic, ...prompt].map(() => ({ closed: 0, ended: false }));
  const slowest = (): number =>
    nodes.reduce((least, { closed, ended }) => (ended ? least : Math.min(least, closed)), Number.POSITIVE_INFINITY);
  const isDue = (node: Node) => () => node.closed - slowest() < AHEAD;

  function deliver(stream: StreamDefinition, natsSubject: string, event: Event): void {
    for (const barrier of barriers) barrier.take(stream, natsSubject, event);
    prompt.forEach((stage, i) => {
      if (stage.input.name === stream.name) queues[i]!.push({ natsSubject, event });
      if (stage.sideInput?.stream.name === stream.name) known[i]!.learn(event);
    });
  }

  async function handOn(by: Writership, node: Node, cycle: Cycle, events: readonly Event[]): Promise<void> {
    for (const event of events) deliver(by.stream, natsSubjectIn(by.stream, event), event);
    await recomputed(by, cycle, events);
    node.closed++;
    notifier.notify();
  }

  async function runCyclicStage(stage: CyclicStage, barrier: CycleBarrier, node: Node): Promise<void> {
    let state = stage.initial();
    for (;;) {
      if (!(await notifier.until(isDue(node), running))) return;
      const closed = await barrier.next(running);
      if (closed === null || closed.cycle.end > lastEnd!) return;
      const recorded = (await instead?.(stage, closed.cycle)) ?? null;
      const last = recorded?.at(-1);
      const stepped = step(stage, state, closed, last !== undefined && isClosing(last) ? last : null);
      state = stepped.state;
      await handOn(stage, node, closed.cycle, recorded ?? stepped.events);
      if (closed.cycle.end >= lastEnd!) return;
    }
  }

  async function runPromptStage(stage: PromptStage, i: number, node: Node): Promise<void> {
    const queue = queues[i]!;
    const closings = stage.sources && new Closings(stage.sources);
    const knowledge: Knowledge = known[i] ?? noKnowledge;
    let state = stage.initial();
    let open: Event[] = [];
    while (await notifier.until(() => queue.length > 0 && isDue(node)(), running)) {
      const { natsSubject, event } = queue.shift()!;
      if (queue.length === QUEUE_LIMIT - 1) notifier.notify();
      const stepped = await promptStep(stage, state, event, { knowledge, signal: running });
      state = stepped.state;
      open.push(...stepped.events);
      for (const closing of completedBy(closings, natsSubject, event)) {
        if (closing.data.end > lastEnd!) return;
        const events = (await instead?.(stage, closing.data)) ?? [...open, stage.closing(closing.data)];
        open = [];
        await handOn(stage, node, closing.data, events);
        if (closing.data.end >= lastEnd!) return;
      }
    }
  }

  async function read(stream: StreamDefinition): Promise<void> {
    const { lastSequence } = await log.info(stream);
    if (lastSequence === 0) return;
    const isHungry = (): boolean =>
      barriers.some((barrier) => barrier.isHungryFor(stream)) ||
      prompt.some((stage, i) => stage.input.name === stream.name && queues[i]!.length < QUEUE_LIMIT);
    for await (const batch of log.read(stream, { after: 0, maxEvents: 5_000, maxWaitMs: 0, signal: running })) {
      for (const { event, natsSubject } of batch.events) deliver(stream, natsSubject, event);
      notifier.notify();
      if (batch.lastSequence >= lastSequence || !(await notifier.until(isHungry, running))) return;
    }
  }

  const work = [
    ...cyclic.map((stage, i) => runCyclicStage(stage, barriers[i]!, nodes[i]!)),
    ...prompt.map((stage, i) => runPromptStage(stage, i, nodes[cyclic.length + i]!)),
  ].map((ending, i) =>
    ending.finally(() => {
      nodes[i]!.ended = true;
      notifier.notify();
    }),
  );
  const readers = taken.map(read);
  // A reader that ends has no more events; one that fails ends everything.
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

/** End of the last cycle every recorded stream has closed, at or before `until`; null when one has closed none. */
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

/** A consulted stream that is recomputed. Nothing is dropped: it ends with the recomputation. */
class Learned implements Knowledge {
  #current: unknown;
  readonly #sideInput: SideInput;
  readonly #notifier: Notifier;

  constructor(sideInput: SideInput, notifier: Notifier) {
    this.#sideInput = sideInput;
    this.#notifier = notifier;
    this.#current = sideInput.initial();
  }

  get current(): unknown {
    return this.#current;
  }

  learn(event: Event): void {
    this.#current = this.#sideInput.learn(this.#current, event);
    this.#notifier.notify();
  }

  until(condition: (known: unknown) => boolean, signal: AbortSignal): Promise<boolean> {
    return this.#notifier.until(() => condition(this.#current), signal);
  }
}
