import type { CrunchConfig, FeedSettings, ScoringFunction } from '@crunch-node/domain';
import { defineCrunch } from './define-crunch.ts';
import type { CrunchDefinition } from './definition.ts';
import type { Environment } from './environment.ts';
import { withEnvironmentOptions } from './feed-options.ts';

/**
 * The configuration with the environment's overrides, checked again as a whole.
 * @param scoringFunction named by `SCORING_FUNCTION`; only used when the configuration has none of its own
 */
export function applyEnvironment(
  config: CrunchConfig,
  environment: Environment,
  scoringFunction?: ScoringFunction,
): CrunchConfig {
  const { values } = environment;
  const feed: FeedSettings = {
    ...config.feed,
    ...set('provider', values.FEED_PROVIDER),
    // Another name is another provider; the file that the configuration names is not it.
    ...(values.FEED_PROVIDER === undefined ? {} : { factory: undefined }),
    ...set('subjects', values.FEED_SUBJECTS),
    ...set('kind', values.FEED_KIND),
    ...set('granularity', values.FEED_GRANULARITY),
    ...set('backfill_minutes', values.FEED_BACKFILL_MINUTES),
    ...set('window', values.FEED_CANDLES_WINDOW),
    ...set('record_ttl_days', values.FEED_RECORD_TTL_DAYS),
  };
  const definition: CrunchDefinition = {
    ...config,
    ...set('crunch_id', values.CRUNCH_ID),
    ...set('crunch_pubkey', values.CRUNCH_PUBKEY),
    ...set('network', values.NETWORK),
    ...set('compute_provider', values.COMPUTE_PROVIDER_PUBKEY),
    ...set('data_provider', values.DATA_PROVIDER_PUBKEY),
    ...set('checkpoint_interval_seconds', values.CHECKPOINT_INTERVAL_SECONDS),
    ...set('cycle_seconds', values.CYCLE_SECONDS),
    ...set('lateness_seconds', values.LATENESS_SECONDS),
    ...set('partitions', values.PARTITIONS),
    ...set('model_timeout_seconds', values.MODEL_RUNNER_TIMEOUT_SECONDS),
    ...set('scoring_function', scoringFunction),
    ...set('feed_normalizer', values.FEED_NORMALIZER),
    feed: { ...feed, options: withEnvironmentOptions(feed, environment, config.feed) },
  };
  return defineCrunch(definition);
}

const set = <N extends string, V>(name: N, value: V | undefined): { [K in N]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { [K in N]?: V });
