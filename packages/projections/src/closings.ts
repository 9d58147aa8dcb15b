import { type Event, type Instant, isClosing, type Observations } from '@crunch-node/streams';

/** An event at its place in a stream, as far as a projection looks at it. */
export interface AppliedEvent<E extends Event = Event> {
  readonly event: E;
  readonly obs: Observations | undefined;
  readonly sequence: number;
  /** when the server stored it, unix microseconds */
  readonly stored_us?: number | undefined;
}

/** Writer → end of the last cycle it has closed. Kept in the position row, so that a restart knows it too. */
export type ClosedCycles = Readonly<Record<string, Instant>>;

/** The writer of an event, and the moment of that writer's cycles it belongs to. */
export interface PublishedBy {
  readonly writer: string;
  readonly at: Instant;
}

export interface Placed<E extends Event = Event> extends AppliedEvent<E> {
  /** it follows the closing of its own cycle */
  readonly late: boolean;
}

/**
 * Marks events that came after their writer had closed the cycle they belong to. One comparison per event: its place in
 * the stream decides, so every reader agrees, and none remembers ids.
 * @param publishedBy null for what is published outside of cycles, such as the response to a command
 * @param take gets each event in turn
 * @returns the closings after the batch
 */
export function place<E extends Event>(
  closings: ClosedCycles,
  batch: readonly AppliedEvent<E>[],
  publishedBy: (event: E) => PublishedBy | null,
  take: (placed: Placed<E>) => void,
): ClosedCycles {
  const ends = new Map(Object.entries(closings));
  for (const recorded of batch) {
    const by = publishedBy(recorded.event);
    const end = by === null ? undefined : ends.get(by.writer);
    const late = by !== null && end !== undefined && by.at <= end;
    if (by !== null && !late && isClosing(recorded.event)) ends.set(by.writer, recorded.event.data.end);
    const { event, obs, sequence, stored_us } = recorded;
    take({ event, obs, sequence, stored_us, late });
  }
  return Object.fromEntries(ends);
}
