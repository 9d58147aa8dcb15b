import type { BackfillOrder, FeedSettings } from '@crunch-node/domain';
import { type createProvider, type FeedReports, type LiveProvider, silent } from '@crunch-node/feeds';

/** Creates the provider of a source. Tests supply their own. */
export type ProviderOf = (settings: FeedSettings, reports?: FeedReports) => ReturnType<typeof createProvider>;

/**
 * The provider of a job, always created for the job's own source; it is the configured one, with its options, when both
 * are the same source.
 */
function settingsOf(
  { feed }: Pick<BackfillOrder, 'feed'>,
  configured: FeedSettings,
  providerOf: ProviderOf,
): FeedSettings {
  const { source, subject, kind, granularity } = feed;
  const isConfigured = source === configured.provider || source === sourceOf(configured, providerOf);
  const [provider, options] = isConfigured ? [configured.provider, configured.options] : [source, {}];
  return { ...configured, provider, subjects: [subject], kind, granularity, options };
}

/** What the records of the configured feed name as their source: an operator's own provider is called by its file. */
function sourceOf(configured: FeedSettings, providerOf: ProviderOf): string {
  try {
    const provider = providerOf(configured, silent);
    return provider.pace === 'live' ? provider.source : configured.provider;
  } catch {
    return configured.provider;
  }
}

/** The order by the source its records will name, also when it names the configured provider. */
export function bySource(order: BackfillOrder, configured: FeedSettings, providerOf: ProviderOf): BackfillOrder {
  if (order.feed.source !== configured.provider) return order;
  return { ...order, feed: { ...order.feed, source: sourceOf(configured, providerOf) } };
}

/** Why a feed has no past to be fetched; null when it has one. */
export function faultOfFeed(order: BackfillOrder, configured: FeedSettings, providerOf: ProviderOf): string | null {
  const { source, kind, granularity } = order.feed;
  try {
    const provider = providerOf(settingsOf(order, configured, providerOf), silent);
    if (provider.pace !== 'live') return `source: ${source} has no history that can be asked for by pages`;
    if (provider.source !== source) return `source: expected ${provider.source}, received ${source}`;
    if (provider.history === undefined) return `source: ${source} knows only what happens now`;
    const fault = provider.history(kind, granularity);
    return fault === null ? null : `kind, granularity: ${fault}`;
  } catch (error) {
    // A fault the provider finds in its settings is a fault of the order.
    return (error as Error).message;
  }
}

/** @throws the fault the provider finds in its options */
export function liveProviderOf(
  order: Pick<BackfillOrder, 'feed'>,
  configured: FeedSettings,
  providerOf: ProviderOf,
  reports: FeedReports,
): LiveProvider {
  const provider = providerOf(settingsOf(order, configured, providerOf), reports);
  if (provider.pace === 'live') return provider;
  throw new TypeError(`expected ${order.feed.source} to have a history by pages`);
}
