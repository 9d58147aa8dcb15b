import type { CrunchConfig } from '@crunch-node/domain';
import { createProvider } from '@crunch-node/feeds';
import type { Pace } from '@crunch-node/streams';

/** The feed provider declares it. @throws what the provider has against its options */
export const paceOf = (config: CrunchConfig): Pace => createProvider(config.feed).pace;
