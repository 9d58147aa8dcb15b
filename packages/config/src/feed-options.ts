/** Options of the feed: which names its provider reads, and what becomes of those in the environment. */
import { didYouMean, type FeedSettings, feedOptionNames, isFeedOption } from '@crunch-node/domain';
import type { Environment } from './environment.ts';

type Named = Pick<FeedSettings, 'provider' | 'factory'>;

/** Null: every name is accepted, since an operator's own provider declares none, or is not loaded yet. */
function declaredBy({ provider, factory }: Named): readonly string[] | null {
  if (factory !== undefined) return factory.options ?? null;
  return Object.hasOwn(feedOptionNames, provider) ? feedOptionNames[provider as keyof typeof feedOptionNames] : null;
}

const isBuiltIn = (name: string): boolean => Object.values(feedOptionNames).some((names) => isFeedOption(name, names));

/**
 * Options of another built-in provider are left over where the provider is changed for a run, by the environment or an
 * option of a command: no fault. An operator's own provider has what it declares.
 */
function isAccepted(feed: Named, name: string): boolean {
  const declared = declaredBy(feed);
  return declared === null || isFeedOption(name, declared) || (feed.factory === undefined && isBuiltIn(name));
}

const listed = (names: readonly string[]): string => (names.length === 0 ? 'it has none' : names.join(', '));

/** A misspelt option would be without effect, and the default in force instead. */
export function feedOptionFaults(feed: FeedSettings): string[] {
  const declared = declaredBy(feed) ?? [];
  return Object.keys(feed.options)
    .filter((name) => !isAccepted(feed, name))
    .map(
      (name) =>
        `feed.options.${name}: expected an option of ${feed.provider} (${listed(declared)}), ` +
        `received ${JSON.stringify(name)}${didYouMean(name, declared)}`,
    );
}

export function feedOptionWarnings(feed: FeedSettings): string[] {
  const declared = declaredBy(feed);
  if (declared === null) return [];
  return (
    Object.keys(feed.options)
      // FEED_POLL_SECONDS is set for whatever provider there is.
      .filter((name) => name !== 'poll_seconds' && isAccepted(feed, name) && !isFeedOption(name, declared))
      .map(
        (name) =>
          `feed.options.${name}: without effect, since it is no option of ${feed.provider} (${listed(declared)})` +
          didYouMean(name, declared),
      )
  );
}

/**
 * The options of a feed with those of the environment. What the provider does not accept is left out where it belongs to
 * another one: of the configured options where the environment has replaced the provider, and of those of the environment
 * where the configured provider is the operator's own, or a built-in one has them. Anything else stays, and is a fault.
 * @param configured the feed of the configuration alone
 */
export function withEnvironmentOptions(
  feed: FeedSettings,
  { values, feed_options }: Pick<Environment, 'values' | 'feed_options'>,
  configured: Named,
): Readonly<Record<string, string>> {
  const isReplaced = feed.provider !== configured.provider || feed.factory !== configured.factory;
  const isOfOwn = isReplaced && declaredBy(configured) === null;
  const poll = values.FEED_POLL_SECONDS === undefined ? {} : { poll_seconds: String(values.FEED_POLL_SECONDS) };
  return Object.fromEntries([
    ...Object.entries(feed.options).filter(([name]) => !isReplaced || isAccepted(feed, name)),
    ...Object.entries({ ...poll, ...feed_options }).filter(
      ([name]) => isAccepted(feed, name) || !(isOfOwn || isBuiltIn(name)),
    ),
  ]);
}
