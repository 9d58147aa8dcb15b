import type { Closing, Cycle, EventDefinition, EventOf, JsonObject, Observations } from '@crunch-node/streams';
import type { Knowledge, SideInput } from '../prompt/knowledge.ts';
import type { PromptStage } from '../prompt/prompt-stage.ts';
import { type ClosingWritten, isOneOf, type StageInput, type StageOutput, writershipOf } from './streams-of-stage.ts';

/**
 * One partition of a prompt stage. The types of its inputs and outputs follow from `reads`, `consults` and `writes`.
 * `W`: the work one event causes; `A`: the results of that work; `K`: its knowledge of the consulted stream; `Pl`,
 * `Kept`: the saved parts of its state.
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
    /** Drops what is only needed for work up to a cycle the stage has closed. Pure. */
    readonly forget: (known: K, closed: Closing) => K;
  };
  readonly sequential: boolean;
  readonly initial: () => S;
  /** how its state is saved over restarts; absent: it is not saved */
  readonly keeping?: {
    readonly planned: (state: S) => Pl;
    readonly published: (planned: Pl, state: S) => Kept;
    readonly restore: (kept: Kept) => S;
  };
  /** Folds what this partition itself has published. Pure. */
  readonly remember: (state: S, published: EventOf<D>) => S;
  /** The work an event causes, closings included. Pure, except for changes of its own state. */
  readonly plan: (state: S, event: EventOf<In>) => { readonly state: S; readonly work: W | null };
  /** The work without what is published already; null when none is left. */
  readonly remaining: (work: W, isPublished: (id: string) => boolean) => W | null;
  /** The only I/O. */
  readonly ask: (work: W, state: S, signal: AbortSignal, knowledge: Knowledge<K>) => Promise<A>;
  /** The events of the results. Pure. */
  readonly record: (work: W, answers: A) => readonly { readonly event: EventOf<D>; readonly obs?: Observations }[];
  readonly failures?: (event: EventOf<D>, obs: Observations | undefined) => JsonObject | null;
  /** The closing to forward. */
  readonly closing: (cycle: Cycle) => ClosingWritten<D>;
}

/** A partition of a prompt stage in the form the loop needs. */
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
