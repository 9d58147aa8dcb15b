import type { Cycle, EventDefinition, EventOf, JsonObject } from '@crunch-node/streams';
import type { CyclicStage } from '../cyclic/cyclic-stage.ts';
import {
  type ClosingWritten,
  closingOf,
  type EventRead,
  isOneOf,
  readBy,
  type StageInput,
  type StageOutput,
  writershipOf,
} from './streams-of-stage.ts';

/** One partition of a cyclic stage. The types of the inputs and outputs of `react` follow from `reads` and `writes`. */
export interface StageDefinition<I extends StageInput, D extends EventDefinition, S> {
  readonly reads: readonly I[];
  readonly writes: StageOutput<D>;
  /** its state before the first cycle */
  readonly start: S;
  /** called once per closed cycle with its events in canonical order; the last event it returns is the closing */
  readonly react: (
    state: S,
    cycle: Cycle,
    events: readonly EventRead<I>[],
  ) => { readonly state: S; readonly events: readonly EventOf<D>[] };
  /** adopts what a published closing records more exactly than a recomputed state */
  readonly adopt?: (state: S, closing: ClosingWritten<D>) => S;
  /** which of its past closings it needs for that; the last one by default */
  readonly adopts?: 'every';
  /** The part of a state worth keeping over restarts; all of it by default. Reactions must not change by it. */
  readonly keeps?: (state: S) => S;
  /** published by this writer in reply to a command, at any time: not part of a cycle, not recomputed */
  readonly answersCommand?: (event: EventOf<D>) => boolean;
  /** tracing: which inputs carry traces, and which input caused which event; each causes one */
  readonly traces?: {
    readonly of: (input: EventRead<I>) => boolean;
    readonly causeOf: (published: EventOf<D>) => string | null;
  };
  /** a message for the log of the process when something went wrong in an event; null: none */
  readonly failures?: (published: EventOf<D>) => JsonObject | null;
}

/** A partition of a cyclic stage in the form the loops need. Events of types it does not read do not reach it. */
export function defineStage<const I extends StageInput, D extends EventDefinition, S>(
  definition: StageDefinition<I, D, S>,
): CyclicStage<S> {
  const { reads, writes, start, react, adopt, adopts, keeps, answersCommand, traces, failures } = definition;
  const isRead = readBy<I>(reads);
  const isWritten = isOneOf(writes.stream.events);
  const isOwnClosing = closingOf(writes);
  return {
    ...writershipOf(writes),
    inputs: reads.map(({ stream }) => stream),
    sources: reads.flatMap(({ closings }) => closings),
    initial: () => start,
    react: (state, cycle, events) => react(state, cycle, events.filter(isRead)),
    ...(adopt && { adopt: (state: S, closing) => (isOwnClosing(closing) ? adopt(state, closing) : state) }),
    ...(adopts && { adopts }),
    ...(keeps && { keeps }),
    ...(answersCommand && { answersCommand: (event) => isWritten(event) && answersCommand(event) }),
    ...(traces && {
      traces: {
        of: (input) => isRead(input) && traces.of(input),
        causeOf: (published) => (isWritten(published) ? traces.causeOf(published) : null),
      },
    }),
    ...(failures && { failures: (published) => (isWritten(published) ? failures(published) : null) }),
  };
}
