/** FEEDS and PREDICTIONS of a competition with many models, as ingest and predict would have published them. */
import { type CrunchDefinition, defineCrunch, demoPackFor, scheduledConfigs } from '@crunch-node/config';
import { type CrunchConfig, initialPlan, type ModelOutcome, plan, recordRound } from '@crunch-node/domain';
import type { EventLog } from '@crunch-node/eventlog';
import {
  type Event,
  FeedRecorded,
  FeedsCycleClosed,
  feeds,
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
}

/** Writes PREDICTIONS, one cycle a minute; FEEDS is held back. */
export async function fillLog(
  log: EventLog,
  config: CrunchConfig,
  { models, minutes }: { readonly models: number; readonly minutes: number },
): Promise<Filled> {
  const publisher = log.publisher();
  const roll = dice(7);
  const schedules = scheduledConfigs(config);
  const partitions = Array.from({ length: config.partitions }, (_, partition) => ({
    partition,
    models: Array.from({ length: models }, (__, m) => `model-${m}`).filter(
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
  const answer = (model_id: string): ModelOutcome => ({
    kind: 'answered',
    model_id,
    status: 'SUCCESS',
    result: { value: roll() - 0.5 },
    error_code: null,
    message: null,
  });
  const held: Event[] = [];
  let published = 0;
  const filled = { predictions: 0, rounds: 0, cycles: 0 };
  const prices = SUBJECTS.map(() => 100);
  for (let minute = 1; minute <= minutes; minute++) {
    const end = instantOfMillis(START + minute * 60_000);
    const closing = {
      start: minute === 1 ? null : instantOfMillis(START + (minute - 1) * 60_000),
      end,
      config_hash: 'bench',
    };
    for (const [s, subject] of SUBJECTS.entries()) {
      const open = prices[s]!;
      const close = open * (1 + (roll() - 0.5) / 100);
      prices[s] = close;
      const record = FeedRecorded.at(end, {
        source: 'synthetic',
        subject,
        kind: 'candle',
        granularity: '1m',
        ts_event: START + (minute - 1) * 60_000,
        values: { open, high: Math.max(open, close), low: Math.min(open, close), close, volume: 1 },
      });
      held.push(record);
      for (const one of partitions) {
        const planned = plan(one.state, record, { ...config, partition: one.partition, schedules });
        one.state = planned.state;
        for (const round of planned.work?.rounds ?? []) {
          const outcomes = one.models.map(answer);
          publish(predictions, recordRound(round, planned.work!.window, { outcomes, input: null }, config.output_type));
          filled.predictions += outcomes.length;
          filled.rounds++;
        }
      }
    }
    held.push(FeedsCycleClosed.at(end, closing));
    for (const one of partitions) {
      one.state = plan(one.state, FeedsCycleClosed.at(end, closing), {
        ...config,
        partition: one.partition,
        schedules,
      }).state;
      publish(predictions, PredictionsCycleClosed.at(end, { ...closing, partition: one.partition }));
    }
    filled.cycles++;
    await last;
  }
  return {
    ...filled,
    async publishFeeds(untilMinute = minutes) {
      const end = instantOfMillis(START + untilMinute * 60_000);
      const from = published;
      for (; published < held.length && held[published]!.at <= end; published++) publish(feeds, held[published]!);
      if (published > from) await last;
      if (published === held.length) await publisher.close();
    },
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
