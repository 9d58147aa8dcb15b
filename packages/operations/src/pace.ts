import type { CrunchConfig } from '@crunch-node/domain';
import { createProvider } from '@crunch-node/feeds';
import type { Pace } from '@crunch-node/streams';

/** The feed provider declares it. @throws what the provider has against its options */
export const paceOf = (config: CrunchConfig): Pace => createProvider(config.feed).pace;

/** Ten times longer than live: rows of history need not be fresh, and Postgres has better things to do. */
export const REPLAY_BATCH_WAIT_MS = 200;
