import type { CrunchConfig, FeedSettings } from '@crunch-node/domain';
import type { EventLog } from '@crunch-node/eventlog';
import { createLogger, eventsIn, type ServiceContext } from '@crunch-node/service';
import { openOwnLog } from '@crunch-node/service/testing';
import { feeds, type Pace } from '@crunch-node/streams';
import { Registry } from 'prom-client';

/** A log of its own with an active configuration, for ingest alone. */
export interface Scene {
  readonly log: EventLog;
  readonly context: ServiceContext<CrunchConfig>;
  /** a connection as another process would open it */
  connect(): Promise<EventLog>;
  /** FEEDS as an independent reader sees it: ids in order */
  published(): Promise<string[]>;
  close(): Promise<void>;
}

const CONFIG_HASH = 'test';

export async function openScene(
  url: string,
  pace: Pace,
  feed: Partial<FeedSettings>,
  more: { readonly maxBytes?: number } & Partial<Pick<CrunchConfig, 'cycle_seconds' | 'lateness_seconds'>> = {},
): Promise<Scene> {
  const { maxBytes, cycle_seconds = 60, lateness_seconds = 30 } = more;
  const active = { config_hash: CONFIG_HASH, pace, cycle_seconds };
  const { log, connect, close } = await openOwnLog({ url, streams: [], active });
  await log.ensureStreams([feeds], maxBytes === undefined ? {} : { maxBytes });
  const settings: FeedSettings = {
    provider: 'synthetic',
    subjects: ['BTCUSDT', 'ETHUSDT'],
    kind: 'candle',
    granularity: '1m',
    window: 120,
    backfill_minutes: 5,
    options: {},
    ...feed,
  };
  return {
    log,
    connect,
    context: {
      log,
      // Ingest reads nothing else of a competition.
      config: { kind: 'realtime', feed: settings, cycle_seconds, lateness_seconds } as CrunchConfig,
      configHash: CONFIG_HASH,
      pace,
      logger: createLogger('silent'),
      metrics: new Registry(),
    },
    published: async () => (await eventsIn(log, feeds)).map(({ id }) => id),
    close,
  };
}
