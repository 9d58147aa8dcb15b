/** Inputs of score and snapshot in which one partition has published nothing while the others are far ahead. */
import { defineCrunch, demoPack } from '@crunch-node/config';
import type { EventLog } from '@crunch-node/eventlog';
import {
  type Closing,
  type Event,
  FeedRecorded,
  FeedsCycleClosed,
  instantOfMillis,
  PredictionsCycleClosed,
  RoundPredicted,
  RoundScored,
  roundId,
  ScoresCycleClosed,
  type StreamDefinition,
} from '@crunch-node/streams';

export const CONFIG_HASH = 'lag';
export const PARTITIONS = [0, 1, 2] as const;
/** This partition publishes nothing until the others are done. */
export const LAGGING = 2;
export const CYCLES = 2_500;

/** One asset predicted every minute, two minutes ahead. */
export const laggingConfig = defineCrunch({
  ...demoPack,
  crunch_id: 'lag',
  partitions: PARTITIONS.length,
  ensembles: [],
  metrics: [],
});

const START = Date.UTC(2024, 0, 1);
const minute = (n: number) => instantOfMillis(START + n * 60_000);
const cycle = (n: number) => ({ start: n === 1 ? null : minute(n - 1), end: minute(n), config_hash: CONFIG_HASH });
const feed = { source: 'test', subject: 'BTCUSDT', kind: 'candle', granularity: '1m' } as const;
const price = (n: number): number => 100 + (n % 7);

/** What a cycle of a stream holds, its closing last. */
export type Publishes = (n: number) => readonly Event[];

/** A candle and the closing. @param bulk bytes that come with it */
export const publishFeeds =
  (bulk: number): Publishes =>
  (n) => [
    FeedRecorded.at(minute(n), {
      ...feed,
      ts_event: START + (n - 1) * 60_000,
      values: { open: price(n - 1), high: price(n) + 7, low: 90, close: price(n), volume: 1 },
      metadata: { note: 'x'.repeat(bulk) },
    }),
    FeedsCycleClosed.at(minute(n), cycle(n)),
  ];

const roundOf = (partition: number, n: number) => ({
  round_id: roundId(partition, 'btc', minute(n)),
  partition,
  scope_key: 'btc',
  scope: { subject: feed.subject },
  performed_at: minute(n),
  input_id: `INP_${n}`,
});

/** A round with one answer, and the closing. */
export const publishPredictions =
  (partition: number): Publishes =>
  (n) => [
    RoundPredicted.at(minute(n), {
      ...roundOf(partition, n),
      config_id: null,
      feed,
      resolvable_at: minute(n + 2),
      window: null,
      predictions: [
        {
          prediction_id: `PRE_${partition}_${n}`,
          model_id: `model-${partition}`,
          status: 'PENDING',
          runner_status: 'SUCCESS',
          reason: null,
          inference_output: { value: (n % 5) / 10 },
        },
      ],
    }),
    PredictionsCycleClosed.at(minute(n), { ...cycle(n), partition }),
  ];

/** A scored round, and the closing. @param bulk bytes that come with it */
export const publishScores =
  (partition: number, bulk: number): Publishes =>
  (n) => [
    RoundScored.at(minute(n), {
      ...roundOf(partition, n),
      resolvable_at: minute(n),
      ground_truth: { profit: 0.01 },
      ground_truth_records: null,
      outcomes: [
        {
          score_id: `SCR_${partition}_${n}`,
          prediction_id: `PRE_${partition}_${n}`,
          model_id: `model-${partition}`,
          outcome: 'scored',
          result: { value: (n % 5) / 10, success: true },
          success: true,
          failed_reason: null,
          inference_output: { value: (n % 5) / 10, note: 'x'.repeat(bulk) },
        },
      ],
    }),
    ScoresCycleClosed.at(minute(n), { ...cycle(n), partition, rounds: 1, rounds_hash: 'of no interest here' }),
  ];

/** Publishes all cycles of some writers of a stream, one cycle of each after the other. */
export async function fill(log: EventLog, stream: StreamDefinition, writers: readonly Publishes[]): Promise<void> {
  const publisher = log.publisher();
  const addressOf = new Map(stream.events.map(({ type, natsSubjectOf }) => [type, natsSubjectOf]));
  for (let n = 1; n <= CYCLES; n++) {
    const published = writers
      .flatMap((publishes) => publishes(n))
      .map((event) =>
        publisher.append(stream, { event, natsSubject: addressOf.get(event.type)!(event.data as never) }),
      );
    if (n % 50 === 0) await Promise.all(published);
    else for (const ack of published) ack.catch(() => undefined); // kept in order: the last of fifty covers all
  }
  await publisher.close();
}

/** Whether all cycles are closed there. */
export async function isClosed(log: EventLog, stream: StreamDefinition, address: string): Promise<boolean> {
  return ((await log.last(stream, address))?.event as Closing | undefined)?.data.end === minute(CYCLES);
}
