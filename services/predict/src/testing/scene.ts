import { defineCrunch, demoPack } from '@crunch-node/config';
import type { CrunchConfig } from '@crunch-node/domain';
import { until } from '@crunch-node/embedded/testing';
import type { EventLog } from '@crunch-node/eventlog';
import { type LocalModel, type ModelHost, startLocalOrchestrator, startModelHost } from '@crunch-node/models';
import { createLogger, eventsIn, type Service, type ServiceContext } from '@crunch-node/service';
import { openOwnLog } from '@crunch-node/service/testing';
import {
  type Event,
  FeedRecorded,
  FeedsCycleClosed,
  feeds,
  instantOfMillis,
  models as modelsStream,
  type Pace,
  type PredictionEvent,
  predictions,
  type RoundPredicted,
  type StreamDefinition,
} from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { startPredict } from '../index.ts';

const START = Date.UTC(2024, 0, 1);
export const at = (minute: number): string => instantOfMillis(START + minute * 60_000);
export const candle = (minute: number, subject = 'BTCUSDT'): Event =>
  FeedRecorded.at(at(minute + 1), {
    source: 'test',
    subject,
    kind: 'candle',
    granularity: '1m',
    ts_event: START + minute * 60_000,
    values: { open: 100, high: 101, low: 99, close: 100 + minute, volume: 1 },
  });
export const closing = (minute: number): Event =>
  FeedsCycleClosed.at(at(minute), {
    start: minute === 1 ? null : at(minute - 1),
    end: at(minute),
    config_hash: 'test',
  });

export const model = (model_id: string, predict: LocalModelObject['predict']): LocalModel => ({
  model_id,
  model_name: `model ${model_id}`,
  cruncher_id: `local-${model_id}`,
  cruncher_name: 'local-dev',
  create: () => ({ feedUpdate: () => undefined, feed_update: () => undefined, predict }),
});
/** Answers after the deadline, as the faulty example does. */
export const lateModel = (model_id: string): LocalModel => ({
  ...model(model_id, () => undefined),
  create() {
    let cancelled: AbortSignal | undefined;
    return {
      beginCall: (signal: AbortSignal) => {
        cancelled = signal;
      },
      feed_update: () => undefined,
      predict: () =>
        new Promise((resolve) => {
          cancelled?.addEventListener('abort', () => resolve({ value: 1 }), { once: true });
        }),
    };
  },
});
interface LocalModelObject {
  predict: (...args: readonly unknown[]) => unknown;
}

type Hooks = Partial<Pick<CrunchConfig, 'pre_feed_update_hook' | 'post_predict_hook'>>;

export interface Scene {
  readonly log: EventLog;
  readonly host: ModelHost;
  write(events: readonly Event[]): Promise<void>;
  /** once every partition has closed the minute */
  rounds(minute: number): Promise<RoundPredicted[]>;
  all<S extends StreamDefinition>(stream: S): Promise<Event[]>;
  start(): Service;
}

export async function scene(
  natsUrl: string,
  locals: readonly LocalModel[],
  work: (scene: Scene) => Promise<void>,
  {
    pace = 'replay',
    partitions = 4,
    timeout = 1,
    hooks = {},
  }: { pace?: Pace; partitions?: number; timeout?: number; hooks?: Hooks } = {},
): Promise<void> {
  const host = await startModelHost({ models: locals });
  const orchestrator = await startLocalOrchestrator({ crunchId: 'demo', models: host, port: 0 });
  const { log, ...own } = await openOwnLog({
    url: natsUrl,
    streams: [feeds, predictions, modelsStream],
    at: at(0),
    active: { pace, partitions },
  });
  const config = defineCrunch({ ...demoPack, ...hooks, partitions, model_timeout_seconds: timeout }) as CrunchConfig;
  const context: ServiceContext<CrunchConfig> = {
    log,
    config,
    configHash: 'test',
    pace,
    logger: createLogger('silent'),
    metrics: new Registry(),
  };
  const services: Service[] = [];
  const all = <S extends StreamDefinition>(stream: S): Promise<Event[]> => eventsIn(log, stream);
  try {
    await work({
      log,
      host,
      write: (events) => own.write(feeds, events),
      all,
      start() {
        const service = startPredict(context, {
          orchestratorUrl: orchestrator.url,
          expectedModels: locals.map(({ model_id }) => model_id),
        });
        services.push(service);
        return service;
      },
      async rounds(minute) {
        for (let p = 0; p < partitions; p++) await closed(log, p, at(minute), services);
        const published = (await all(predictions)) as PredictionEvent[];
        return published.filter((event) => event.type === 'RoundPredicted');
      },
    });
  } finally {
    await Promise.all(services.map((service) => service.stop()));
    await orchestrator.stop();
    host.stopAll();
    await own.close();
  }
}

async function closed(log: EventLog, partition: number, end: string, services: readonly Service[]): Promise<void> {
  const isClosed = async (): Promise<boolean> =>
    ((await log.last(predictions, predictions.closingSubject(partition)))?.event.at ?? '') >= end;
  const seen = () => services.map((service) => service.health());
  await until(`partition ${partition} to close ${end}`, isClosed, { seen });
}
