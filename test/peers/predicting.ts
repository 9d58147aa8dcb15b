/** Our predict on a log of its own, calling the models an orchestrator announces. */
import { type CrunchDefinition, defineCrunch, demoPack } from '@crunch-node/config';
import { until } from '@crunch-node/embedded/testing';
import { startPredict } from '@crunch-node/predict';
import { createLogger, eventsIn } from '@crunch-node/service';
import { openOwnLog } from '@crunch-node/service/testing';
import {
  type Event,
  FeedRecorded,
  FeedsCycleClosed,
  feeds,
  instantOfMillis,
  models as modelsStream,
  type Prediction,
  predictions,
  type RoundPredicted,
} from '@crunch-node/streams';
import { Registry } from 'prom-client';

const START = Date.UTC(2024, 0, 1);
const at = (minute: number): string => instantOfMillis(START + minute * 60_000);
const candle = (minute: number): Event => {
  const close = 100 + Math.sin(minute) + minute / 100;
  return FeedRecorded.at(at(minute + 1), {
    source: 'test',
    subject: 'BTC',
    kind: 'candle',
    granularity: '1m',
    ts_event: START + minute * 60_000,
    values: { open: close, high: close + 1, low: close - 1, close, volume: 1 },
  });
};
const closing = (minute: number): Event =>
  FeedsCycleClosed.at(at(minute), {
    start: minute === 1 ? null : at(minute - 1),
    end: at(minute),
    config_hash: 'test',
  });

export interface Predicting {
  /** Publishes candles up to a minute, closes it, and returns the predictions, in the order of the log. */
  until(minute: number): Promise<readonly Prediction[]>;
  stop(): Promise<void>;
}

export interface PredictingOptions {
  readonly natsUrl: string;
  readonly orchestratorUrl: string;
  readonly baseClassname: string;
  readonly models: readonly string[];
  readonly definition: CrunchDefinition;
}

export async function startPredicting(options: PredictingOptions): Promise<Predicting> {
  const { natsUrl, orchestratorUrl, baseClassname, models, definition } = options;
  const config = defineCrunch({
    ...demoPack,
    feed: { ...demoPack.feed, subjects: ['BTC'] },
    scope: { subject: 'BTC', step_seconds: 300 },
    scheduled_predictions: [{ scope_key: 'btc', prediction_interval_seconds: 60, resolve_horizon_seconds: 3600 }],
    ensembles: [],
    metrics: [],
    partitions: 1,
    model_timeout_seconds: 30,
    ...definition,
  });
  const { log, write, close } = await openOwnLog({
    url: natsUrl,
    streams: [feeds, predictions, modelsStream],
    at: at(0),
    active: { pace: 'replay', partitions: 1 },
  });
  const service = startPredict(
    { log, config, configHash: 'test', pace: 'replay', logger: createLogger('silent'), metrics: new Registry() },
    { orchestratorUrl, baseClassname, expectedModels: models },
  );
  let minutes = 0;
  return {
    async until(minute) {
      const events: Event[] = [];
      for (; minutes < minute; minutes++) events.push(candle(minutes), closing(minutes + 1));
      await write(feeds, events);
      await until(
        `minute ${minute} to be closed`,
        async () => ((await log.last(predictions, predictions.closingSubject(0)))?.event.at ?? '') >= at(minute),
        { deadlineMs: 60_000, seen: () => service.health() },
      );
      const published = (await eventsIn(log, predictions)).filter(({ type }) => type === 'RoundPredicted');
      return (published as RoundPredicted[]).flatMap(({ data }) => data.predictions);
    },
    async stop() {
      await service.stop();
      await close();
    },
  };
}
