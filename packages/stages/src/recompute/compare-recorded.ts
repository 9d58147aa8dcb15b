import { setMaxListeners } from 'node:events';
import type { LogLookup, ReadableLog } from '@crunch-node/eventlog';
import { Notifier } from '@crunch-node/service';
import { allStreams, type Cycle, type Event, type StreamDefinition } from '@crunch-node/streams';
import type { Writership } from '../publish/published-tail.ts';
import { type Difference, differencesOf, RecordedCycles, SHOWN } from './recorded-cycles.ts';

/** Differences between recomputed events and the recorded ones of one stream. */
export interface StreamComparison {
  readonly stream: string;
  /** cycles compared, and left out */
  cycles: number;
  skipped: number;
  /** recomputed but not recorded yet: after the last cycle the writer has closed */
  to_come: number;
  events: number;
  /** total number; the first of them are in `first` */
  differences: number;
  readonly first: Difference[];
}

export interface Comparer {
  /** In the order of the streams. */
  readonly comparisons: readonly StreamComparison[];
  /** Compares a recomputed cycle with the recorded one; waits until that is read. */
  recomputed(by: Writership, cycle: Cycle, events: readonly Event[]): Promise<void>;
  /** Skips a cycle without comparing it. */
  skip(by: Writership, cycle: Cycle): Promise<void>;
  /** The recorded events of a writer's next cycle, its closing last; empty at the end. Waits until it is read. */
  recorded(by: Writership): Promise<readonly Event[]>;
  /** Rejects when a stream cannot be read; never resolves. */
  readonly broken: Promise<never>;
  close(): Promise<void>;
}

/**
 * Reads the recorded events of writers alongside their recomputation.
 *
 * @param writers partitions whose streams are compared
 * @param skips events that are not part of a cycle: replies to commands
 */
export function compareWithRecorded(
  log: ReadableLog,
  writers: readonly Writership[],
  signal: AbortSignal,
  skips: (event: Event) => boolean,
): Comparer {
  const done = new AbortController();
  const running = AbortSignal.any([signal, done.signal]);
  setMaxListeners(0, running); // every reader and stage listens to it: many listeners are no leak
  const notifier = new Notifier(running);
  const cycles = new Map(writers.map((writer) => [writer, new RecordedCycles()]));
  const streams = [...new Map(writers.map(({ stream }) => [stream.name, stream])).values()];
  const finished = new Set<string>();
  const comparisons = new Map(
    streams.map(({ name }): [string, StreamComparison] => [
      name,
      { stream: name, cycles: 0, skipped: 0, to_come: 0, events: 0, differences: 0, first: [] },
    ]),
  );

  async function read(stream: StreamDefinition): Promise<void> {
    const own = [...cycles].filter(([writer]) => writer.stream.name === stream.name);
    try {
      const lastSequence = (await ends).get(stream.name) ?? 0;
      if (lastSequence === 0) return;
      const isHungry = (): boolean => own.some(([, recorded]) => recorded.next === undefined);
      for await (const batch of log.read(stream, { after: 0, maxEvents: 5_000, maxWaitMs: 0, signal: running })) {
        for (const { event, natsSubject, sequence } of batch.events) {
          if (sequence > lastSequence) break;
          if (!skips(event)) own.find(([writer]) => writer.owns(natsSubject))?.[1].take(event);
        }
        notifier.notify();
        if (batch.lastSequence >= lastSequence || !(await notifier.until(isHungry, running))) return;
      }
    } finally {
      finished.add(stream.name);
      notifier.notify();
    }
  }

  const ends = endsOf(log, streams);
  const readers = streams.map(read);
  const broken = new Promise<never>((_, reject) => {
    for (const reader of readers) reader.catch(reject);
  });
  broken.catch(() => undefined);

  async function recorded(by: Writership): Promise<readonly Event[]> {
    const own = cycles.get(by)!;
    await notifier.until(() => own.next !== undefined || finished.has(by.stream.name), running);
    return own.next ?? [];
  }

  return {
    comparisons: [...comparisons.values()],
    broken,
    recorded,
    async recomputed(by, { end }, events) {
      const own = cycles.get(by)!;
      const comparison = comparisons.get(by.stream.name)!;
      const compare = (cycleEnd: string, recomputed: readonly Event[], publishedBefore: readonly Event[]): void => {
        comparison.events += publishedBefore.length;
        for (const difference of differencesOf(cycleEnd, recomputed, publishedBefore)) {
          comparison.differences++;
          if (comparison.first.length < SHOWN) comparison.first.push(difference);
        }
      };
      for (;;) {
        const publishedBefore = await recorded(by);
        const recordedEnd = publishedBefore.at(-1)?.at;
        if (recordedEnd === undefined) {
          comparison.to_come++;
          return;
        }
        if (recordedEnd >= end) comparison.cycles++;
        if (recordedEnd > end) return compare(end, events, []);
        own.shift();
        notifier.notify();
        if (recordedEnd === end) return compare(end, events, publishedBefore);
        compare(recordedEnd, [], publishedBefore); // a cycle that the recomputation does not close
      }
    },
    async skip(by, { end }) {
      const own = cycles.get(by)!;
      comparisons.get(by.stream.name)!.skipped++;
      for (
        let publishedBefore = await recorded(by);
        publishedBefore.length > 0 && publishedBefore.at(-1)!.at <= end;
        publishedBefore = await recorded(by)
      ) {
        own.shift();
        notifier.notify();
      }
    },
    async close() {
      done.abort();
      await Promise.allSettled(readers);
    },
  };
}

/**
 * Last sequences of streams that are being written: downstream streams first, so that what they follow from is included
 * as well.
 */
async function endsOf(
  log: Pick<LogLookup, 'info'>,
  streams: readonly StreamDefinition[],
): Promise<ReadonlyMap<string, number>> {
  const place = ({ name }: StreamDefinition): number => allStreams.findIndex((stream) => stream.name === name);
  const ends = new Map<string, number>();
  for (const stream of [...streams].sort((a, b) => place(b) - place(a))) {
    ends.set(stream.name, (await log.info(stream)).lastSequence);
  }
  return ends;
}
