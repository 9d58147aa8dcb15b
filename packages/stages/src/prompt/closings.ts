import type { Closing } from '@crunch-node/streams';
import { CycleMismatch } from '../cyclic/cycle-barrier.ts';

/** Closings by which some writers are ahead. */
export type KeptClosings = Readonly<Record<string, { readonly closed: readonly Closing[]; readonly end: string }>>;

/** Detects when all writers of a stream have closed a cycle. */
export class Closings {
  readonly #heads: ReadonlyMap<string, { readonly closed: Closing[]; end: string }>;

  /** @param addresses where the writers publish their closings: `predictions.3` */
  constructor(addresses: readonly string[], kept: KeptClosings = {}) {
    this.#heads = new Map(
      addresses.map((address) => [
        address,
        { closed: [...(kept[address]?.closed ?? [])], end: kept[address]?.end ?? '' },
      ]),
    );
  }

  /** The state needed to continue from here. */
  kept(): KeptClosings {
    return Object.fromEntries(
      [...this.#heads].map(([address, { closed, end }]) => [address, { closed: [...closed], end }]),
    );
  }

  /** The closings this one completes, oldest first: one, or none while another writer has not closed its cycle. */
  take(natsSubject: string, closing: Closing): readonly Closing[] {
    const writer = this.#heads.get(natsSubject);
    if (writer === undefined || closing.data.end <= writer.end) return [];
    writer.end = closing.data.end;
    writer.closed.push(closing);
    const heads = [...this.#heads.values()].map(({ closed }) => closed[0]);
    if (heads.includes(undefined)) return [];
    for (const head of heads) {
      if (head?.data.end !== heads[0]?.data.end) {
        throw new CycleMismatch(
          `expected every writer to close the cycle ${heads[0]?.data.end}, received ${head?.data.end}`,
        );
      }
    }
    for (const { closed } of this.#heads.values()) closed.shift();
    return [closing];
  }
}
