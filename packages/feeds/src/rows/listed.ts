import type { FeedSettings } from '@crunch-node/domain';
import type { ListedSubject } from '../provider.ts';

/** Subjects of a source that holds what the feed is configured to be, and says no more about them. */
export const listedAsConfigured = (
  symbols: readonly string[],
  { kind, granularity }: Pick<FeedSettings, 'kind' | 'granularity'>,
  source: string,
): ListedSubject[] =>
  symbols.map((symbol) => ({ symbol, kinds: [kind], granularities: [granularity], source, metadata: {} }));
