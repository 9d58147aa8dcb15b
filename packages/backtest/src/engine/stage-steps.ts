import {
  type CyclicStage,
  type Knowledge,
  type PromptStage,
  type SideInput,
  step,
} from '@crunch-node/stages/definition';
import type { Closing, Cycle, Event } from '@crunch-node/streams';
import { asStored } from './as-stored.ts';

/** A cyclic stage as a function from the events of a cycle to the events it publishes, keeping its state. */
export function cyclicSteps<S>(stage: CyclicStage<S>): (cycle: Cycle, events: readonly Event[]) => readonly Event[] {
  let state = stage.initial();
  return (cycle, events) => {
    const stepped = step(stage, state, { cycle, events: [...events] });
    state = stepped.state;
    return stepped.events.map(asStored);
  };
}

/** A prompt stage that works one event off before it looks at the next, as replays do. */
export interface PromptSteps {
  /** The events it publishes for an event that closes nothing. */
  take(event: Event): Promise<readonly Event[]>;
  /** The events it publishes when its input closes a cycle, its own closing last. */
  close(closing: Closing): Promise<readonly Event[]>;
}

export function promptSteps(stage: PromptStage, knowledge: Knowledge): PromptSteps {
  const never = new AbortController().signal;
  let state = stage.initial();
  async function take(event: Event): Promise<readonly Event[]> {
    const planned = stage.plan(state, event);
    state = planned.state;
    const work = planned.work === null ? null : stage.remaining(planned.work, () => false);
    if (work === null) return [];
    const answers = await stage.ask(work, state, never, knowledge);
    const published = stage.record(work, answers).map(({ event }) => asStored(event));
    for (const event of published) state = stage.remember(state, event);
    return published;
  }
  return {
    take,
    close: async (closing) => [...(await take(closing)), stage.closing(closing.data)],
  };
}

/** A consulted stream. Its state is always complete, since cycles are worked off in order. */
export class LearnedStream implements Knowledge {
  readonly #input: SideInput;
  #current: unknown;

  constructor(input: SideInput) {
    this.#input = input;
    this.#current = input.initial();
  }

  get current(): unknown {
    return this.#current;
  }

  learn(events: readonly Event[]): void {
    for (const event of events) this.#current = this.#input.learn(this.#current, event);
  }

  forget(closing: Closing): void {
    this.#current = this.#input.forget(this.#current, closing);
  }

  async until(condition: (known: unknown) => boolean): Promise<boolean> {
    if (!condition(this.#current)) throw new Error('expected what is consulted to be known when its cycle is reached');
    return true;
  }
}

export const knowsNothing: Knowledge = { current: undefined, until: async () => true };
