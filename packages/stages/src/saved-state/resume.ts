import type { Closing, StreamDefinition } from '@crunch-node/streams';
import type { LoopContext } from '../loop.ts';
import type { PartitionLease } from '../ownership/partition-lease.ts';
import type { PublishedTail, Writership } from '../publish/published-tail.ts';
import type { Place } from './place.ts';
import type { SavedState } from './saved-state.ts';

/** The place of a message, as reported by its reader. */
export interface Seen {
  readonly sequence: number;
  readonly message_id: string;
  readonly stored_us: number;
}

/** The starting points of partitions that were taken together. */
export interface Resumption {
  /** the saved state of each; null: none */
  readonly saved: readonly (SavedState | null)[];
  /** Where their shared reader of a stream has to begin. */
  after(stream: StreamDefinition): number;
  /** The place of one of the stage's own closings; none when its sequence is unknown. */
  placeOfOwn(stream: string, closing: Closing, sequence: number): { readonly own?: Place };
  /** A place that can be distinguished from the same sequence in another stream. */
  placeIn(stream: string, seen: Seen): Place;
}

/** Looks for the saved states of partitions, and the identity of the streams they will read. */
export async function resume(
  stages: readonly (Writership & { readonly reads: readonly StreamDefinition[] })[],
  { log, states }: LoopContext,
  leases: readonly PartitionLease[],
  tails: readonly PublishedTail[],
): Promise<Resumption> {
  const identities = new Map<string, string>();
  if (states !== undefined) {
    const streams = new Map(
      stages.flatMap(({ reads, stream }) => [...reads, stream].map((one) => [one.name, one] as const)),
    );
    for (const stream of streams.values()) identities.set(stream.name, (await log.info(stream)).created);
  }
  const saved = await Promise.all(
    stages.map((stage, i) => {
      const lastClosingAt = tails[i]?.lastClosing?.event.at;
      return lastClosingAt === undefined
        ? null
        : (states?.load(leases[i]!.partition, [...stage.reads, stage.stream], lastClosingAt) ?? null);
    }),
  );
  const readBy = (i: number, stream: StreamDefinition): number => {
    const places = Object.values(saved[i]?.places ?? {}).filter((place) => place.stream === stream.name);
    return places.length === 0 ? 0 : Math.min(...places.map(({ sequence }) => sequence));
  };
  // A message with nothing after it is never read: without this, a partition with nothing to do would seem to have
  // everything to do.
  stages.forEach(({ reads }, i) => {
    for (const stream of reads) leases[i]?.progress.readTo(stream.name, readBy(i, stream));
  });
  const placeIn = (stream: string, seen: Seen): Place => ({
    stream,
    created: identities.get(stream) ?? '',
    ...seen,
  });
  return {
    saved,
    after(stream) {
      return Math.min(...stages.flatMap(({ reads }, i) => (reads.includes(stream) ? [readBy(i, stream)] : [])));
    },
    placeIn,
    placeOfOwn: (stream, { id }, sequence) =>
      sequence === 0 ? {} : { own: placeIn(stream, { sequence, message_id: id, stored_us: 0 }) },
  };
}
