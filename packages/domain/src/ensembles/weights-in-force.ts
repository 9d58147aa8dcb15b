import type { Cycle, EnsembleWeighted, Instant, LeaderboardEvent } from '@crunch-node/streams';

type Weighted = EnsembleWeighted['data'];

/** Weights that may still be needed, and the cycle up to which they are all known. */
export interface WeightBook {
  readonly closed_end: Instant | null;
  /** weights replaced by this time are needed no longer */
  readonly needed_from: Instant | null;
  /** ensemble → in order of time */
  readonly weighted: Readonly<Record<string, readonly Weighted[]>>;
}

export const emptyWeightBook: WeightBook = { closed_end: null, needed_from: null, weighted: {} };

/** Adds the weights that an event of rank carries. */
export function noteWeights(book: WeightBook, event: LeaderboardEvent): WeightBook {
  switch (event.type) {
    case 'EnsembleWeighted': {
      const { name } = event.data;
      const known = Object.hasOwn(book.weighted, name) ? book.weighted[name]! : [];
      const next = withoutReplaced([...known, event.data], book.needed_from);
      return { ...book, weighted: { ...book.weighted, [name]: next } };
    }
    case 'CycleClosed':
      return { ...book, closed_end: event.data.end };
    case 'LeaderboardRanked':
      return book;
  }
}

/** Once the rounds of a cycle are combined, the oldest weights wanted are those decided by the end of the one before. */
export const forgetWeights = (book: WeightBook, { start }: Cycle): WeightBook => ({
  ...book,
  needed_from: start,
  weighted: Object.fromEntries(
    Object.entries(book.weighted).map(([name, known]) => [name, withoutReplaced(known, start)]),
  ),
});

function withoutReplaced(known: readonly Weighted[], neededFrom: Instant | null): readonly Weighted[] {
  const inForce = neededFrom === null ? 0 : known.findLastIndex(({ cycle_end }) => cycle_end <= neededFrom);
  return inForce > 0 ? known.slice(inForce) : known;
}

/** Whether rank can publish nothing more that changes the weights decided by the end of a cycle. */
export const areWeightsKnown = ({ closed_end }: WeightBook, by: Instant | null): boolean =>
  by === null || (closed_end !== null && closed_end >= by);

/** The newest known weights decided by the end of a cycle; null while there are none. */
export function weightsInForce(book: WeightBook, name: string, by: Instant | null): Weighted | null {
  if (by === null || !Object.hasOwn(book.weighted, name)) return null;
  return book.weighted[name]!.findLast(({ cycle_end }) => cycle_end <= by) ?? null;
}
