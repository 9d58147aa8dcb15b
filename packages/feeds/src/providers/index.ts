import { type FeedSettings, feedOptionNames } from '@crunch-node/domain';
import type { FeedReports, Provider, ProviderFactory } from '../provider.ts';
import { createRegistry } from '../registry.ts';
import { binanceProvider } from './binance/index.ts';
import { customProvider } from './custom/index.ts';
import { filesProvider } from './files/index.ts';
import { mongodbProvider } from './mongodb/index.ts';
import type { ProviderName } from './names.ts';
import { noFeed } from './none.ts';
import { postgresProvider } from './postgres/index.ts';
import { pythProvider } from './pyth/index.ts';
import { replayProvider } from './replay/index.ts';
import { restProvider } from './rest/index.ts';
import { syntheticProvider } from './synthetic/index.ts';
import { websocketProvider } from './websocket/index.ts';

/** Every provider this system comes with. */
export const providers = createRegistry(
  {
    binance: (settings, reports) => binanceProvider(settings, reports),
    files: (settings, reports) => filesProvider(settings, reports),
    mongodb: (settings, reports) => mongodbProvider(settings, reports),
    none: noFeed,
    postgres: (settings, reports) => postgresProvider(settings, reports),
    pyth: (settings, reports) => pythProvider(settings, reports),
    replay: replayProvider,
    rest: (settings, reports) => restProvider(settings, reports),
    synthetic: syntheticProvider,
    websocket: (settings, reports) => websocketProvider(settings, reports),
  } satisfies Readonly<Record<ProviderName, ProviderFactory>>,
  feedOptionNames satisfies Readonly<Record<ProviderName, readonly string[]>>,
);

/**
 * The provider that the settings name, or that the operator's own factory in them builds.
 * @throws {UnknownProvider} listing the known ones, or what the provider has against its options
 */
export const createProvider = (settings: FeedSettings, reports?: FeedReports): Provider =>
  settings.factory === undefined ? providers.create(settings, reports) : customProvider(settings, reports);
