/** FEEDS and PREDICTIONS of a competition with many models, as ingest and predict would have published them. */
import { type CrunchDefinition, defineCrunch, demoPackFor, scheduledConfigs } from '@crunch-node/config';
import { type CrunchConfig, initialPlan, type ModelOutcome, plan, recordRound } from '@crunch-node/domain';
import type { EventLog } from '@crunch-node/eventlog';
import {
  type Event,
  FeedRecorded,
  FeedsCycleClosed,
  feeds,
  type Instant,
  instantOfMillis,
  PredictionsCycleClosed,
  partitionOf,
  predictions,
  type StreamDefinition,
} from '@crunch-node/streams';
import { dice } from './scored-rounds.ts';

export const START = Date.UTC(2024, 0, 1);
const SUBJECTS = ['BTCUSDT', 'ETHUSDT'];

/** Two assets predicted every minute, two minutes ahead. */
export const benchConfig = (more: Partial<CrunchDefinition> = {}): CrunchConfig =>
  defineCrunch({ ...demoPackFor(SUBJECTS, '1m'), crunch_id: 'bench', ensembles: [], ...more });

export interface Filled {
  readonly predictions: number;
  readonly rounds: number;
  readonly cycles: number;
  /** Publishes the records of the feeds, up to a minute or to the end: scoring needs them. */
  publishFeeds(untilMinute?: number): Promise<void>;
  /** The same for PREDICTIONS, where they are held back. */
  publishPredictions(untilMinute?: number): Promise<void>;
}

/** Models, candles and answers that are not the usual random ones. */
export interface Particular {
  readonly modelId: (m: number) => string;
  readonly values: (minute: number) => { readonly open: number; readonly close: number };
  readonly answer: (model_id: string, minute: number) => number;
  /** whether models are asked at this minute */
  readonly asks: (minute: number) => boolean;
}

export interface Filling {
  readonly models: number;
  readonly minutes: number;
  readonly cycleMinutes?: number;
  readonly particular?: Particular;
  /** PREDICTIONS is held back, too */
  readonly holdsPredictions?: boolean;
}

/** Writes PREDICTIONS, by default one cycle a minute; FEEDS is held back. */
export async function fillLog(
  log: EventLog,
  config: CrunchConfig,
  { models, minutes, cycleMinutes = 1, particular, holdsPredictions = false }: Filling,
): Promise<Filled> {
  const publisher = log.publisher();
  const roll = dice(7);
  const modelId = particular?.modelId ?? ((m: number) => `model-${m}`);
  const schedules = scheduledConfigs(config);
  const partitions = Array.from({ length: config.partitions }, (_, partition) => ({
    partition,
    models: Array.from({ length: models }, (__, m) => modelId(m)).filter(
      (model_id) => partitionOf(model_id, config.partitions) === partition,
    ),
    state: initialPlan,
  }));
  const addressOf = (stream: StreamDefinition, event: Event): string =>
    stream.events.find(({ type }) => type === event.type)!.natsSubjectOf(event.data as never);
  let last: Promise<unknown> = Promise.resolve();
  const publish = (stream: StreamDefinition, event: Event): void => {
    last = publisher.append(stream, { event, natsSubject: addressOf(stream, event) });
    last.catch(() => undefined); // the flush at the end of the cycle reports it
  };
  const answer = (model_id: string, minute: number): ModelOutcome => ({
    kind: 'answered',
    model_id,
    status: 'SUCCESS',
    result: { value: particular?.answer(model_id, minute) ?? roll() - 0.5 },
    error_code: null,
    message: null,
  });
  const held = { [feeds.name]: [] as Event[], [predictions.name]: [] as Event[] };
  const published: Record<string, number> = { [feeds.name]: 0, [predictions.name]: 0 };
  const put = (stream: StreamDefinition, event: Event): void => {
    if (stream === feeds || holdsPredictions) held[stream.name]!.push(event);
    else publish(stream, event);
  };
  async function publishHeld(stream: StreamDefinition, untilMinute: number): Promise<void> {
    const events = held[stream.name]!;
    const end = instantOfMillis(START + untilMinute * 60_000);
    const from = published[stream.name]!;
    let at = from;
    for (; at < events.length && events[at]!.at <= end; at++) publish(stream, events[at]!);
    published[stream.name] = at;
    if (at > from) await last;
    if (stream === feeds && at === events.length) await publisher.close();
  }
  const filled = { predictions: 0, rounds: 0, cycles: 0 };
  const subjects = config.feed.subjects;
  const prices = subjects.map(() => 100);
  for (let minute = 1; minute <= minutes; minute++) {
    const end = instantOfMillis(START + minute * 60_000);
    for (const [s, subject] of subjects.entries()) {
      const drawn = (): { open: number; close: number } => {
        const open = prices[s]!;
        return { open, close: open * (1 + (roll() - 0.5) / 100) };
      };
      const { open, close } = particular?.values(minute) ?? drawn();
      prices[s] = close;
      const record = FeedRecorded.at(end, {
        source: 'synthetic',
        subject,
        kind: 'candle',
        granularity: '1m',
        ts_event: START + (minute - 1) * 60_000,
        values: { open, high: Math.max(open, close), low: Math.min(open, close), close, volume: 1 },
      });
      put(feeds, record);
      for (const one of partitions) {
        const planned = plan(one.state, record, { ...config, partition: one.partition, schedules });
        one.state = planned.state;
        for (const round of planned.work?.rounds ?? []) {
          if (particular?.asks(minute) === false) continue;
          const outcomes = one.models.map((model_id) => answer(model_id, minute));
          put(predictions, recordRound(round, planned.work!.window, { outcomes, input: null }, config.output_type));
          filled.predictions += outcomes.length;
          filled.rounds++;
        }
      }
    }
    if (minute % cycleMinutes === 0) close(minute, end);
    await last;
  }
  function close(minute: number, end: Instant): void {
    const start = minute === cycleMinutes ? null : instantOfMillis(START + (minute - cycleMinutes) * 60_000);
    const closing = { start, end, config_hash: 'bench' };
    put(feeds, FeedsCycleClosed.at(end, closing));
    for (const one of partitions) {
      one.state = plan(one.state, FeedsCycleClosed.at(end, closing), {
        ...config,
        partition: one.partition,
        schedules,
      }).state;
      put(predictions, PredictionsCycleClosed.at(end, { ...closing, partition: one.partition }));
    }
    filled.cycles++;
  }
  return {
    ...filled,
    publishFeeds: (untilMinute = minutes) => publishHeld(feeds, untilMinute),
    publishPredictions: (untilMinute = minutes) => publishHeld(predictions, untilMinute),
  };
}

/** Resolves when every address has a closing of the last cycle. */
export async function closedBy(
  log: EventLog,
  stream: StreamDefinition,
  addresses: readonly string[],
  minutes: number,
  pause: () => Promise<unknown>,
): Promise<void> {
  const end = instantOfMillis(START + minutes * 60_000);
  for (const address of addresses) {
    while (((await log.last(stream, address))?.event.at ?? '') < end) await pause();
  }
}
