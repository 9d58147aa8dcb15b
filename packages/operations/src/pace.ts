import type { CrunchConfig } from '@crunch-node/domain';
import { createProvider } from '@crunch-node/feeds';
import type { Pace } from '@crunch-node/streams';

/** The pace declared by the feed provider. @throws when the provider rejects its options */
export const paceOf = (config: CrunchConfig): Pace => createProvider(config.feed).pace;

/**
 * How long rows of history may wait to be written together, a hundred times longer than live: they need not be fresh, and
 * fewer transactions relieve Postgres. Not so long where nothing follows.
 */
export const REPLAY_BATCH_WAIT_MS = { longest: 1_000, quiet: 400 } as const;
