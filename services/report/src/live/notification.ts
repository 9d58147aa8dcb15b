import type { LogLookup } from '@crunch-node/eventlog';
import { type Event, type Instant, isClosing, type StreamDefinition } from '@crunch-node/streams';

/** An event as sent to listeners. Its frames are made once for all of them. */
export interface Notification<T> {
  readonly sequence: number;
  readonly value: T;
  readonly frames: Map<string, Buffer>;
}

/** Which events of a stream are sent live. */
export interface Source<T> {
  readonly stream: StreamDefinition;
  /** set where the newest state is complete by itself; without it, listeners begin with the next event */
  readonly newestSubject?: string;
  readonly closingSubject: string;
  /** how many of the newest are kept for clients that come back soon */
  readonly kept: number;
  /** the time an event belongs to by the cycles of its writer; null: it is not sent */
  timeOf(event: Event): Instant | null;
  valueOf(event: Event): Promise<T>;
}

/** Selects the frame of an event for a listener; null: it does not concern them. */
export type FrameOf<T> = (notification: Notification<T>) => Buffer | null;

export function frameIn<T>(notification: Notification<T>, name: string, make: () => Buffer): Buffer {
  const known = notification.frames.get(name) ?? make();
  notification.frames.set(name, known);
  return known;
}

/** An event of a cycle its writer has closed is ignored by every reader: by its place in the stream. */
export function places<T>({ timeOf }: Source<T>, closedBefore: Instant | null) {
  let closed = closedBefore;
  /** Whether it is sent. */
  return (event: Event): boolean => {
    if (isClosing(event)) {
      if (closed === null || event.data.end > closed) closed = event.data.end;
      return false;
    }
    const time = timeOf(event);
    return time !== null && (closed === null || time > closed);
  };
}

/** End of the newest cycle that was closed; null before the first. */
export async function newestClosed<T>(log: LogLookup, { stream, closingSubject }: Source<T>): Promise<Instant | null> {
  const last = await log.last(stream, closingSubject);
  return last !== null && isClosing(last.event) ? last.event.data.end : null;
}
