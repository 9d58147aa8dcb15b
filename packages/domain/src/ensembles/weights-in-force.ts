import type { EnsembleWeighted, Instant, LeaderboardEvent } from '@crunch-node/streams';

/** Weights that may still be asked for, and the cycle up to which they are all known. */
export interface WeightBook {
  readonly closed_end: Instant | null;
  /** ensemble → in order of time */
  readonly weighted: Readonly<Record<string, readonly EnsembleWeighted['data'][]>>;
}

export const emptyWeightBook: WeightBook = { closed_end: null, weighted: {} };

/**
 * Notes what rank says. A ranking of cycle c follows from the signals of c, so once c is closed nothing but rounds of
 * later cycles can be open, and their weights are those of c - 1 or younger: what these replaced is forgotten.
 */
export function noteWeights(book: WeightBook, event: LeaderboardEvent): WeightBook {
  switch (event.type) {
    case 'EnsembleWeighted': {
      const { name } = event.data;
      const known = Object.hasOwn(book.weighted, name) ? book.weighted[name]! : [];
      return { ...book, weighted: { ...book.weighted, [name]: [...known, event.data] } };
    }
    case 'CycleClosed': {
      const { start, end } = event.data;
      const needed = Object.entries(book.weighted).map(([name, known]) => {
        const oldest = start === null ? 0 : known.findLastIndex(({ cycle_end }) => cycle_end <= start);
        return [name, oldest > 0 ? known.slice(oldest) : known] as const;
      });
      return { closed_end: end, weighted: Object.fromEntries(needed) };
    }
    case 'LeaderboardRanked':
      return book;
  }
}

/** Whether nothing rank may still say can change the weights decided by the end of a cycle. */
export const areWeightsKnown = ({ closed_end }: WeightBook, by: Instant | null): boolean =>
  by === null || (closed_end !== null && closed_end >= by);

/** The newest known weights decided by the end of a cycle; null while there are none. */
export function weightsInForce(book: WeightBook, name: string, by: Instant | null): EnsembleWeighted['data'] | null {
  if (by === null || !Object.hasOwn(book.weighted, name)) return null;
  return book.weighted[name]!.findLast(({ cycle_end }) => cycle_end <= by) ?? null;
}
