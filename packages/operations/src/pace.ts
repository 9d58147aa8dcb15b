import type { CrunchConfig } from '@crunch-node/domain';
import { createProvider } from '@crunch-node/feeds';
import type { Pace } from '@crunch-node/streams';

/** The pace declared by the feed provider. @throws when the provider rejects its options */
export const paceOf = (config: CrunchConfig): Pace => createProvider(config.feed).pace;

/** Ten times longer than live: rows of history need not be fresh, and fewer transactions relieve Postgres. */
export const REPLAY_BATCH_WAIT_MS = 200;
