import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type CrunchDefinition, defineCrunch } from '@crunch-node/config';
import { predictionId } from '@crunch-node/domain';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { createLogger, type Service } from '@crunch-node/runtime';
import {
  allStreams,
  ConfigActivated,
  control,
  type EnsembleSignalled,
  EnsembleWeighted,
  type Event,
  type Instant,
  instantOfMillis,
  isClosing,
  LeaderboardsCycleClosed,
  leaderboards,
  namespaceOf,
  type Pace,
  PredictionsCycleClosed,
  predictions,
  RoundPredicted,
  roundId,
  type StreamDefinition,
  signals,
} from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { startEnsemble } from '../index.ts';

const CONFIG_HASH = 'test';
const DEADLINE_MS = 30_000;

export interface SceneOptions {
  readonly partitions?: number;
  readonly pace?: Pace;
  readonly ensembles?: CrunchDefinition['ensembles'];
  /** minute 0 */
  readonly start?: number;
}

/** The log as the ensemble service finds it, told in minutes; cycles are a minute long. */
export interface Scene {
  readonly log: EventLog;
  /** @param answers model id → value; horizon in minutes */
  asked(
    partition: number,
    at: number,
    answers?: Record<string, number | null>,
    horizon?: number,
    scope?: string,
  ): Event;
  closed(partition: number, end: number): Event;
  weighted(end: number, weights: Record<string, number>, name?: string): Event;
  ranked(end: number): Event;
  minute(n: number): Instant;
  write(...events: readonly Event[]): Promise<void>;
  start(): Service;
  /** What has been said once SIGNALS has closed a cycle. */
  signalled(end: number): Promise<readonly EnsembleSignalled[]>;
  all(): Promise<readonly Event[]>;
}

export async function scene(url: string, options: SceneOptions, work: (scene: Scene) => Promise<void>): Promise<void> {
  const { partitions = 2, pace = 'replay', ensembles = [{ name: 'main' }], start = Date.UTC(2026, 0, 1) } = options;
  const namespace = namespaceOf(`t${randomBytes(6).toString('hex')}`);
  const log = await connectLog({ url, namespace, leaseSeconds: 1 });
  await log.ensureStreams(allStreams);
  const config = defineCrunch({ partitions, ensembles });
  const publisher = log.publisher();
  const services: Service[] = [];
  const minute = (n: number): Instant => instantOfMillis(start + n * 60_000);
  const cycle = (end: number) => ({
    start: end === 1 ? null : minute(end - 1),
    end: minute(end),
    config_hash: CONFIG_HASH,
  });

  const append = async (stream: StreamDefinition, event: Event): Promise<void> => {
    const definition = stream.events.find(({ type }) => type === event.type)!;
    await publisher.append(stream, { event, natsSubject: definition.natsSubjectOf(event.data) });
  };
  const all = async (): Promise<readonly Event[]> => {
    const { lastSequence } = await log.info(signals);
    const events: Event[] = [];
    if (lastSequence === 0) return events;
    for await (const batch of log.read(signals, { after: 0 })) {
      events.push(...batch.events.map(({ event }) => event));
      if (batch.lastSequence >= lastSequence) break;
    }
    return events;
  };
  const data = {
    revision: 0,
    config_hash: CONFIG_HASH,
    pace,
    partitions,
    cycle_seconds: 60,
    ensembles: [],
    config: {},
  };
  await append(control, ConfigActivated.at(minute(0), data));

  try {
    await work({
      log,
      minute,
      all,
      asked: (partition, at, answers = {}, horizon = 2, scope_key = 'BTC') =>
        RoundPredicted.at(minute(at), {
          round_id: roundId(partition, scope_key, minute(at)),
          partition,
          scope_key,
          performed_at: minute(at),
          config_id: null,
          scope: { subject: scope_key },
          feed: null,
          resolvable_at: minute(at + horizon),
          input_id: `INP_${at}`,
          window: null,
          predictions: Object.entries(answers).map(([model_id, value]) => ({
            prediction_id: predictionId(model_id, scope_key, minute(at)),
            model_id,
            status: value === null ? 'ABSENT' : 'PENDING',
            runner_status: null,
            reason: null,
            inference_output: { value },
          })),
        }),
      closed: (partition, end) => PredictionsCycleClosed.at(minute(end), { ...cycle(end), partition }),
      weighted: (end, weights, name = 'main') =>
        EnsembleWeighted.at(minute(end), { name, cycle_end: minute(end), weights }),
      ranked: (end) => LeaderboardsCycleClosed.at(minute(end), { ...cycle(end), entries_hash: null }),
      async write(...events) {
        const isRank = (event: Event): boolean =>
          event.type === 'EnsembleWeighted' || event.id.startsWith('cycle:leaderboards');
        await Promise.all(events.map((event) => append(isRank(event) ? leaderboards : predictions, event)));
      },
      start() {
        const service = startEnsemble({
          log,
          config,
          configHash: CONFIG_HASH,
          pace,
          logger: createLogger('silent'),
          metrics: new Registry(),
        });
        services.push(service);
        return service;
      },
      async signalled(end) {
        const deadline = performance.now() + DEADLINE_MS;
        while (((await log.last(signals, 'signals.cycle'))?.event.at ?? '') < minute(end)) {
          if (performance.now() > deadline) throw new Error(`expected SIGNALS to close ${minute(end)}`);
          await delay(10);
        }
        return (await all()).filter((event) => !isClosing(event)) as EnsembleSignalled[];
      },
    });
  } finally {
    for (const service of services) await service.stop();
    await publisher.close();
    await log.close();
  }
}
