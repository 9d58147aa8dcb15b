import type { ListedSubject } from '../../provider.ts';
import type { PythClient } from './client.ts';
import { feedIdOf, type PriceFeed, wellKnownFeeds } from './feed-ids.ts';

/** Which feed a subject is: given, well known, or found among all feeds there are. */
export interface Directory {
  /** null: there is no such feed */
  feedOf(subject: string, signal?: AbortSignal): Promise<PriceFeed | null>;
  /** as {@link feedOf}, with the name in the history service */
  symbolOf(subject: string, signal?: AbortSignal): Promise<string | null>;
  list(signal?: AbortSignal): Promise<readonly ListedSubject[]>;
}

interface Listing {
  readonly id: string;
  readonly symbol: string;
  readonly base: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export function directory(
  hermes: PythClient,
  given: ReadonlyMap<string, string>,
  granularities: readonly string[],
): Directory {
  let all: Promise<readonly Listing[]> | undefined;
  const listings = async (signal?: AbortSignal): Promise<readonly Listing[]> => {
    all ??= listingsOf(hermes, signal);
    try {
      return await all;
    } catch (error) {
      all = undefined; // so that it is fetched again next time
      throw error;
    }
  };
  /** Against the dollar: one subject, one feed. */
  const subjectOf = ({ id, symbol, base }: Listing): string | null => {
    const chosen = [...given].find(([, one]) => one === id)?.[0];
    if (chosen !== undefined) return chosen;
    return symbol === `Crypto.${base}/USD` || wellKnownFeeds[base]?.id === id ? base : null;
  };
  async function feedOf(subject: string, signal?: AbortSignal): Promise<PriceFeed | null> {
    const id = given.get(subject);
    if (id !== undefined) return { id };
    if (Object.hasOwn(wellKnownFeeds, subject)) return wellKnownFeeds[subject]!;
    const found = (await listings(signal)).find((listing) => subjectOf(listing) === subject);
    return found === undefined ? null : { id: found.id, symbol: found.symbol };
  }
  return {
    feedOf,
    async symbolOf(subject, signal) {
      const feed = await feedOf(subject, signal);
      if (feed === null || feed.symbol !== undefined) return feed?.symbol ?? null;
      return (await listings(signal)).find(({ id }) => id === feed.id)?.symbol ?? null;
    },
    async list(signal) {
      return (await listings(signal)).flatMap((listing) => {
        const symbol = subjectOf(listing);
        if (symbol === null) return [];
        const { id, attributes } = listing;
        const name = attributes.description ?? attributes.display_symbol;
        return {
          symbol,
          ...(name !== undefined && { display_name: name }),
          kinds: ['tick', 'candle'],
          granularities,
          source: 'pyth',
          metadata: { id, symbol: listing.symbol },
        };
      });
    },
  };
}

async function listingsOf(hermes: PythClient, signal?: AbortSignal): Promise<readonly Listing[]> {
  const { body } = await hermes.get('/v2/price_feeds', '', signal);
  if (!Array.isArray(body) || body.length === 0) throw new TypeError('expected Pyth to list its price feeds');
  return (body as unknown[]).flatMap((entry) => {
    const { id, attributes } = (entry ?? {}) as { id?: unknown; attributes?: Readonly<Record<string, string>> };
    const known = typeof id === 'string' ? feedIdOf(id) : null;
    const { symbol, base } = attributes ?? {};
    if (known === null || typeof symbol !== 'string' || typeof base !== 'string') return [];
    return { id: known, symbol, base: base.toUpperCase(), attributes: attributes! };
  });
}
