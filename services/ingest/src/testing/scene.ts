import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CrunchConfig, FeedSettings } from '@crunch-node/domain';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { createLogger, type ServiceContext } from '@crunch-node/runtime';
import { ConfigActivated, control, feeds, namespaceOf, type Pace } from '@crunch-node/streams';
import { Registry } from 'prom-client';

/** A log of its own with an active configuration, for ingest alone. */
export interface Scene {
  readonly log: EventLog;
  readonly context: ServiceContext<CrunchConfig>;
  /** another process would connect like this */
  connect(): Promise<EventLog>;
  /** FEEDS as a stranger reads it: ids in order */
  said(): Promise<string[]>;
  close(): Promise<void>;
}

const CONFIG_HASH = 'test';

export async function openScene(
  url: string,
  pace: Pace,
  feed: Partial<FeedSettings>,
  more: { readonly maxBytes?: number } & Partial<Pick<CrunchConfig, 'cycle_seconds' | 'lateness_seconds'>> = {},
): Promise<Scene> {
  const namespace = namespaceOf(`t${randomBytes(6).toString('hex')}`);
  const logs: EventLog[] = [];
  const connect = async (): Promise<EventLog> => {
    const log = await connectLog({ url, namespace, leaseSeconds: 1 });
    logs.push(log);
    return log;
  };
  const log = await connect();
  const { maxBytes, cycle_seconds = 60, lateness_seconds = 30 } = more;
  await log.ensureStreams([control]);
  await log.ensureStreams([feeds], maxBytes === undefined ? {} : { maxBytes });
  const publisher = log.publisher();
  await publisher.append(control, {
    natsSubject: 'control.config',
    event: ConfigActivated.at('2024-01-01T00:00:00.000000Z', {
      revision: 0,
      config_hash: CONFIG_HASH,
      pace,
      partitions: 1,
      cycle_seconds,
      ensembles: [],
      config: {},
    }),
  });
  await publisher.close();
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
      config: { tournament: null, feed: settings, cycle_seconds, lateness_seconds } as CrunchConfig,
      configHash: CONFIG_HASH,
      pace,
      logger: createLogger('silent'),
      metrics: new Registry(),
    },
    async said() {
      const { lastSequence } = await log.info(feeds);
      const ids: string[] = [];
      if (lastSequence === 0) return ids;
      for await (const batch of log.read(feeds, { after: 0 })) {
        ids.push(...batch.events.map(({ event }) => event.id));
        if (batch.lastSequence >= lastSequence) break;
      }
      return ids;
    },
    close: async () => {
      await Promise.all(logs.map((one) => one.close()));
    },
  };
}

/** Resolves when the condition holds; fails after half a minute with what was last seen. */
export async function until<T>(look: () => T | Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > deadline) throw new Error(`waited in vain, last seen: ${JSON.stringify(seen)}`);
    await delay(10);
  }
}
