import { type CrunchDefinition, defineCrunch } from '@crunch-node/config';
import { predictionId } from '@crunch-node/domain';
import { until } from '@crunch-node/embedded/testing';
import type { EventLog } from '@crunch-node/eventlog';
import { createLogger, eventsIn, type Service } from '@crunch-node/service';
import { openOwnLog } from '@crunch-node/service/testing';
import {
  allStreams,
  type EnsembleSignalled,
  EnsembleWeighted,
  type Event,
  type Instant,
  instantOfMillis,
  isClosing,
  LeaderboardsCycleClosed,
  leaderboards,
  type Pace,
  PredictionsCycleClosed,
  predictions,
  RoundPredicted,
  roundId,
  signals,
} from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { startEnsemble } from '../index.ts';

const CONFIG_HASH = 'test';

export interface SceneOptions {
  readonly partitions?: number;
  readonly pace?: Pace;
  readonly ensembles?: CrunchDefinition['ensembles'];
  /** minute 0 */
  readonly start?: number;
}

/** The log as the ensemble service finds it, described in minutes; cycles are a minute long. */
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
  /** The published signals, once SIGNALS has closed a cycle. */
  signalled(end: number): Promise<readonly EnsembleSignalled[]>;
  all(): Promise<readonly Event[]>;
}

export async function scene(url: string, options: SceneOptions, work: (scene: Scene) => Promise<void>): Promise<void> {
  const { partitions = 2, pace = 'replay', ensembles = [{ name: 'main' }], start = Date.UTC(2026, 0, 1) } = options;
  const config = defineCrunch({ partitions, ensembles });
  const services: Service[] = [];
  const minute = (n: number): Instant => instantOfMillis(start + n * 60_000);
  const cycle = (end: number) => ({
    start: end === 1 ? null : minute(end - 1),
    end: minute(end),
    config_hash: CONFIG_HASH,
  });

  const { log, ...own } = await openOwnLog({
    url,
    streams: allStreams,
    at: minute(0),
    active: { config_hash: CONFIG_HASH, pace, partitions },
  });
  const all = (): Promise<readonly Event[]> => eventsIn(log, signals);

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
        await Promise.all(events.map((event) => own.write(isRank(event) ? leaderboards : predictions, [event])));
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
        const isClosed = async (): Promise<boolean> =>
          ((await log.last(signals, signals.closingSubject()))?.event.at ?? '') >= minute(end);
        await until(`SIGNALS to close ${minute(end)}`, isClosed);
        return (await all()).filter((event) => !isClosing(event)) as EnsembleSignalled[];
      },
    });
  } finally {
    for (const service of services) await service.stop();
    await own.close();
  }
}
