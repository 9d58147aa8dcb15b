import type { Closing, Cycle, EventDefinition, EventOf, JsonObject, Observations } from '@crunch-node/streams';
import type { Knowledge, SideInput } from '../prompt/knowledge.ts';
import type { PromptStage } from '../prompt/prompt-stage.ts';
import { type ClosingWritten, isOneOf, type StageInput, type StageOutput, writershipOf } from './streams-of-stage.ts';

/**
 * One partition of a prompt stage. The types of what it is given and answers follow from `reads`, `consults` and
 * `writes`. `W`: the work one event causes; `A`: the answers to it; `K`: what it knows of the stream it consults; `Pl`,
 * `Kept`: what is kept of its state.
 */
export interface PromptStageDefinition<
  In extends EventDefinition,
  D extends EventDefinition,
  S,
  W,
  A,
  Side extends EventDefinition,
  K,
  Pl,
  Kept,
> {
  readonly reads: StageInput<In>;
  readonly writes: StageOutput<D>;
  /** a second input that causes no work */
  readonly consults?: {
    readonly input: StageInput<Side>;
    readonly initial: () => K;
    /** Pure. */
    readonly learn: (known: K, event: EventOf<Side>) => K;
    /** Drops what only work up to a cycle the stage has closed could need. Pure. */
    readonly forget: (known: K, closed: Closing) => K;
  };
  readonly sequential: boolean;
  readonly initial: () => S;
  /** how its state is kept over restarts; absent: it is not */
  readonly keeping?: {
    readonly planned: (state: S) => Pl;
    readonly published: (planned: Pl, state: S) => Kept;
    readonly restore: (kept: Kept) => S;
  };
  /** Folds what this partition itself has published. Pure. */
  readonly remember: (state: S, published: EventOf<D>) => S;
  /** What an event asks for, closings as well. Pure, but for state that is its own to change. */
  readonly plan: (state: S, event: EventOf<In>) => { readonly state: S; readonly work: W | null };
  /** The work without what is published already; null when nothing is left of it. */
  readonly remaining: (work: W, isPublished: (id: string) => boolean) => W | null;
  /** The only I/O. */
  readonly ask: (work: W, state: S, signal: AbortSignal, knowledge: Knowledge<K>) => Promise<A>;
  /** The events about it. Pure. */
  readonly record: (work: W, answers: A) => readonly { readonly event: EventOf<D>; readonly obs?: Observations }[];
  readonly failures?: (event: EventOf<D>, obs: Observations | undefined) => JsonObject | null;
  /** The closing to forward. */
  readonly closing: (cycle: Cycle) => ClosingWritten<D>;
}

/** A partition of a prompt stage as the loop takes it. */
export function definePromptStage<
  In extends EventDefinition,
  D extends EventDefinition,
  S,
  W,
  A,
  Side extends EventDefinition,
  K,
  Pl,
  Kept,
>(definition: PromptStageDefinition<In, D, S, W, A, Side, K, Pl, Kept>): PromptStage<S, W, A, K> {
  const { reads, writes, consults, remember, plan, failures, ...same } = definition;
  const isRead = isOneOf(reads.events);
  const isWritten = isOneOf(writes.stream.events);
  return {
    ...same,
    ...writershipOf(writes),
    input: reads.stream,
    ...(!reads.hasOneWriter && { sources: reads.closings }),
    ...(consults && { sideInput: sideInputOf(consults) }),
    remember: (state, published) => (isWritten(published) ? remember(state, published) : state),
    plan: (state, event) => (isRead(event) ? plan(state, event) : { state, work: null }),
    ...(failures && { failures: (event, obs) => (isWritten(event) ? failures(event, obs) : null) }),
  };
}

function sideInputOf<Side extends EventDefinition, K>({
  input,
  initial,
  learn,
  forget,
}: {
  readonly input: StageInput<Side>;
  readonly initial: () => K;
  readonly learn: (known: K, event: EventOf<Side>) => K;
  readonly forget: (known: K, closed: Closing) => K;
}): SideInput<K> {
  const isRead = isOneOf(input.events);
  return {
    stream: input.stream,
    initial,
    learn: (known, event) => (isRead(event) ? learn(known, event) : known),
    forget,
  };
}
