import {
  type ClosedStream,
  type Closing,
  type Event,
  type EventDefinition,
  type EventOf,
  isClosing,
  type StreamDefinition,
} from '@crunch-node/streams';
import { covers, prefixOf } from '../publish/addresses.ts';
import type { Writership } from '../publish/published-tail.ts';

/** A stream a stage reads. `D`: the definitions of the events it receives from it. */
export interface StageInput<D extends EventDefinition = EventDefinition> {
  readonly stream: StreamDefinition;
  /** of what it receives, and of closings */
  readonly events: readonly D[];
  /** closings to wait for, by address: `feeds.cycle`, `predictions.3` */
  readonly closings: readonly string[];
  /** the stream has one writer: any closing of it is the closing of a cycle */
  readonly hasOneWriter: boolean;
}

/** The stream a partition of a stage writes, by the address of its closings. `D`: the definitions of what it writes. */
export interface StageOutput<D extends EventDefinition = EventDefinition> {
  readonly stream: StreamDefinition<D>;
  readonly closingSubject: string;
}

/** The events of these inputs except closings. */
export type EventRead<I extends StageInput> = I extends StageInput<infer D> ? Exclude<EventOf<D>, Closing> : never;
export type ClosingWritten<D extends EventDefinition> = Extract<EventOf<D>, Closing>;

/** A stream, or one writer of it: `from(feeds)`, `from(predictions, 3)`. */
export const from = <P extends readonly unknown[], D extends EventDefinition>(
  stream: ClosedStream<P, D>,
  ...writer: P
): StageInput<D> => ({
  stream,
  events: stream.events,
  closings: [stream.closingSubject(...writer)],
  hasOneWriter: writer.length === 0,
});

/** Several writers of a stream. */
export const fromEach = <P, D extends EventDefinition>(
  stream: ClosedStream<[P], D>,
  writers: readonly P[],
): StageInput<D> => ({
  stream,
  events: stream.events,
  closings: writers.map((writer) => stream.closingSubject(writer)),
  hasOneWriter: false,
});

/** Only events of these types of an input. */
export const only = <D extends EventDefinition, E extends D>(
  input: StageInput<D>,
  ...events: readonly E[]
): StageInput<E> => ({ ...input, events });

/** Where a partition of a stage writes: `to(snapshots)`, `to(scores, 3)`. */
export const to = <P extends readonly unknown[], D extends EventDefinition>(
  stream: ClosedStream<P, D>,
  ...partition: P
): StageOutput<D> => ({ stream, closingSubject: stream.closingSubject(...partition) });

/** Whether an event is of one of these types; what a stream holds was decoded by the same definitions. */
export const isOneOf =
  <D extends EventDefinition>(definitions: readonly D[]) =>
  (event: Event): event is Event & EventOf<D> =>
    definitions.some(({ type }) => type === event.type);

export const writershipOf = ({ stream, closingSubject }: StageOutput): Writership => {
  const prefix = prefixOf(closingSubject);
  return { stream, closingSubject, owns: (natsSubject) => covers(prefix, natsSubject) };
};

/** Whether a stage with these inputs receives an event. */
export const readBy =
  <I extends StageInput>(reads: readonly I[]) =>
  (event: Event): event is Event & EventRead<I> =>
    !isClosing(event) && reads.some(({ events }) => isOneOf(events)(event));

/** Whether a closing is one of these definitions. */
export const closingOf =
  <D extends EventDefinition>({ stream }: StageOutput<D>) =>
  (event: Event): event is Event & ClosingWritten<D> =>
    isClosing(event) && isOneOf(stream.events)(event);
