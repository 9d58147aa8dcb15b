import {
  type Batch,
  type EventLog,
  FencedError,
  type Publisher,
  type ReadOptions,
  type Recorded,
} from '@crunch-node/eventlog';
import { type Event, natsSubjectIn, type StreamDefinition } from '@crunch-node/streams';

/** The parts of a log that loops need, in memory: for tests of one function. All other methods are missing. */
export interface MemoryLog {
  readonly log: EventLog;
  /** publishes as a writer does, fenced */
  readonly publisher: Publisher;
  write(stream: StreamDefinition, events: readonly Event[]): void;
  ids(stream: StreamDefinition): string[];
}

export function memoryLog(): MemoryLog {
  const streams = new Map<string, Recorded[]>();
  const recordedIn = ({ name }: StreamDefinition): Recorded[] => {
    const known = streams.get(name) ?? [];
    streams.set(name, known);
    return known;
  };
  const lastOn = (stream: StreamDefinition, natsSubject: string): Recorded | null =>
    recordedIn(stream).findLast((recorded) => recorded.natsSubject === natsSubject) ?? null;
  const store = (stream: StreamDefinition, event: Event): number => {
    const known = recordedIn(stream);
    const sequence = known.length + 1;
    known.push({ event, obs: undefined, sequence, natsSubject: natsSubjectIn(stream, event) });
    return sequence;
  };
  const log: Pick<EventLog, 'info' | 'last' | 'lastSequence'> & { read: unknown } = {
    info: async (stream) => ({
      created: stream.name,
      firstSequence: 1,
      lastSequence: recordedIn(stream).length,
      bytes: 0,
    }),
    last: (async (stream: StreamDefinition, natsSubject: string) => lastOn(stream, natsSubject)) as EventLog['last'],
    lastSequence: async (stream, natsSubject) => lastOn(stream, natsSubject)?.sequence ?? 0,
    async *read(stream: StreamDefinition, { after, maxEvents = 1_000 }: ReadOptions): AsyncGenerator<Batch> {
      for (let from = after; from < recordedIn(stream).length; from += maxEvents) {
        const events = recordedIn(stream).slice(from, from + maxEvents);
        const lastSequence = events.at(-1)!.sequence;
        yield { events, malformed: [], unknown: 0, skipped: [], lastSequence, lastMessageId: '', pending: 0 };
      }
    },
  };
  return {
    log: log as unknown as EventLog,
    publisher: {
      async append(stream, { event, natsSubject, expectedLastSequence }) {
        const last = lastOn(stream, natsSubject)?.sequence ?? 0;
        if (expectedLastSequence !== undefined && expectedLastSequence !== last) {
          throw new FencedError(natsSubject, event.id, `the last sequence is ${last}`);
        }
        return { sequence: store(stream, event), duplicate: false };
      },
      flush: async () => undefined,
      close: async () => undefined,
      abandon: () => undefined,
    },
    write(stream, events) {
      for (const event of events) store(stream, event);
    },
    ids: (stream) => recordedIn(stream).map(({ event }) => event.id),
  };
}
