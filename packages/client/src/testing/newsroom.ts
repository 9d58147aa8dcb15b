/** A publisher of SIGNALS for tests, on a server with the users of deploy/nats.conf. */
import { deployedAccounts, deployedUsers, type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import {
  allStreams,
  EnsembleSignalled,
  type Event,
  instantOfMillis,
  namespaceOf,
  SignalsCycleClosed,
  signals,
} from '@crunch-node/streams';
import { connectSignals, type SignalsClient, type SignalsConnection } from '../connect-signals.ts';

export interface Newsroom {
  readonly server: NatsServer;
  readonly log: EventLog;
  /** Publishes events one after the other. */
  publish(...events: readonly { readonly event: Event; readonly natsSubject: string }[]): Promise<void>;
  subscriber(options?: Partial<SignalsConnection>): Promise<SignalsClient>;
  stop(): Promise<void>;
}

export async function openNewsroom(namespace = ''): Promise<Newsroom> {
  const server = await privateNats({ moreConfig: deployedAccounts(namespace) });
  const log = await connectLog({
    url: server.url,
    namespace: namespaceOf(namespace),
    user: 'services',
    pass: deployedUsers.services,
  });
  await log.ensureStreams(allStreams);
  const publisher = log.publisher();
  return {
    server,
    log,
    async publish(...events) {
      for (const message of events) await publisher.append(signals, message);
    },
    subscriber: (options) =>
      connectSignals({ url: server.url, user: 'signals', pass: deployedUsers.signals, namespace, ...options }),
    async stop() {
      await log.close();
      await server.stop();
    },
  };
}

const START_MS = Date.UTC(2024, 0, 1);
export const minute = (n: number) => instantOfMillis(START_MS + n * 60_000);

/** An ensemble's signal for the round of a minute. */
export function signalled(n: number, { name = 'main', scope_key = 'btc', weight = 0.5 } = {}) {
  const event = EnsembleSignalled.at(minute(n), {
    name,
    model_id: `__ensemble_${name}__`,
    prediction_id: `PRE_${name}_${scope_key}_${n}`,
    scope_key,
    scope: { subject: 'BTC' },
    feed: null,
    performed_at: minute(n),
    resolvable_at: minute(n + 5),
    input_id: `INP_${n}`,
    value: n,
    members: [
      { model_id: 'a', value: n, weight },
      { model_id: 'b', value: n, weight: 1 - weight },
    ],
    weights_cycle_end: n > 2 ? minute(n - 2) : null,
  });
  return { event, natsSubject: EnsembleSignalled.natsSubjectOf(event.data) };
}

/** The cycle that ends with a minute. */
export function closed(n: number) {
  const event = SignalsCycleClosed.at(minute(n), { start: minute(n - 1), end: minute(n), config_hash: 'h' });
  return { event, natsSubject: signals.closingSubject() };
}
