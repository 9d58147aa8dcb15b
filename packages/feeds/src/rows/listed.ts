import type { FeedSettings } from '@crunch-node/domain';
import type { ListedSubject } from '../provider.ts';

/** Subjects of a source that does not describe them: they are listed with the kind and granularity of the feed. */
export const listedAsConfigured = (
  symbols: readonly string[],
  { kind, granularity }: Pick<FeedSettings, 'kind' | 'granularity'>,
  source: string,
): ListedSubject[] =>
  symbols.map((symbol) => ({ symbol, kinds: [kind], granularities: [granularity], source, metadata: {} }));
