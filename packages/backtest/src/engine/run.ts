import { type CrunchConfig, type FeedRecord, hasRoundsByCommand, isEnsemble } from '@crunch-node/domain';
import type { FeedReports } from '@crunch-node/feeds';
import { type EncodedCall, type LocalModel, localCall, type ModelPool } from '@crunch-node/models';
import { createAsk } from '@crunch-node/predict';
import {
  byCodePoint,
  type Event,
  type FeedRecorded,
  type Instant,
  type LeaderboardRanked,
  partitionOf,
  type RoundPredicted,
  type RoundScored,
  type SnapshotTaken,
  type StreamDefinition,
} from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import type { AnswerJournal } from './answer-journal.ts';
import { type HistoryStep, historyOf } from './history.ts';
import { journaledPool } from './journaled-pool.ts';
import { createPipeline } from './pipeline.ts';

/** Identity of a model in a backtest. */
export type ModelNames = Omit<LocalModel, 'create'>;

/** Models of a backtest, in this process or in others. */
export interface AskedModels {
  readonly names: readonly ModelNames[];
  readonly pool: ModelPool;
  /** Receives coming records, in order, before their rounds: so that models of other processes can be called ahead. */
  ahead?(steps: readonly HistoryStep[], what: 'all calls' | 'updates only'): void;
  /** id of a stateless model that is asked about several stretches of the history at once → how many */
  readonly copies?: ReadonlyMap<string, number>;
  /** how calls are made for the pool, where it does not need their arguments copied */
  readonly encode?: (method: string) => EncodedCall;
  /** the update of a record, where neither the pool nor a round needs its content */
  readonly update?: EncodedCall;
  /** models that are called no more, and why */
  readonly dropped: ReadonlyMap<string, { readonly failure_code: string; readonly failure_reason: string | null }>;
}

export interface RunOptions {
  /** complete; without feeds of its own a competition cannot be run over history */
  readonly config: CrunchConfig;
  readonly configHash: string;
  readonly models: AskedModels;
  readonly records: AsyncIterable<FeedRecord>;
  readonly reports?: FeedReports;
  readonly signal?: AbortSignal;
  /** where answers are kept for a run that continues this one */
  readonly journal?: AnswerJournal;
  /** Called now and then with how far it has come. */
  onProgress?(progress: RunProgress): void;
  /** Receives every event of every stage, in order, for uses that need more than the result keeps. */
  onPublished?(stream: StreamDefinition, events: readonly Event[]): void;
}

export interface RunProgress {
  readonly at: Instant;
  readonly records: number;
  readonly rounds: number;
}

/** Result of a run, as events of its streams. */
export interface BacktestRun {
  readonly names: readonly ModelNames[];
  /** of every feed, in order */
  readonly records: readonly FeedRecorded[];
  readonly predicted: readonly RoundPredicted[];
  readonly scored: readonly RoundScored[];
  /** in order of their cycles */
  readonly snapshots: readonly SnapshotTaken[];
  /** the ranking after the last cycle; null: no model was scored */
  readonly leaderboard: LeaderboardRanked | null;
  /** rankings at the ends of cycles, where they changed */
  readonly leaderboards: readonly LeaderboardRanked[];
  readonly dropped: AskedModels['dropped'];
}

/** A competition whose rounds do not follow a feed. */
export class NoFeed extends CrunchError {
  override readonly name = 'NoFeed';
  override readonly code = 'no_feed';
}

/** Steps that are read before they are worked off. */
export const CHUNK = 256;

/** Largest message of the engine's private nats-server. */
const EVENT_BYTES = 8 * 1024 * 1024;

/**
 * Runs the stages of production over a history, from its first record to its last, in this process.
 * @throws {NoFeed} for a tournament
 */
export async function runBacktest(options: RunOptions): Promise<BacktestRun> {
  const { models, records, signal, reports } = options;
  if (hasRoundsByCommand(options.config)) {
    throw new NoFeed(
      'expected a competition whose rounds follow a feed, received a tournament: its rounds come by command',
    );
  }
  const config = inOnePartition({ ...options.config, max_event_bytes: options.config.max_event_bytes ?? EVENT_BYTES });
  const journaled = options.journal && journaledPool(models.pool, options.config.feed_update_method, options.journal);
  const pool = journaled?.pool ?? models.pool;
  const modelIds = models.names.map(({ model_id }) => model_id).sort(byCodePoint);
  const known = (partition: number): string[] =>
    modelIds.filter((id) => pool.isRunning(id) && partitionOf(id, config.partitions) === partition);
  const ask = createAsk({
    config,
    pace: 'replay',
    pool,
    roster: { known },
    nowUs: () => 0,
    count: () => undefined,
    encode: models.encode ?? localCall,
    ...(models.update && { inputs: always({ call: models.update, input: {}, fault: null }) }),
  });
  const kept = new Keeper();
  const pipeline = createPipeline({
    config,
    modelIds,
    ask,
    publish(stream, events) {
      kept.take(events);
      options.onPublished?.(stream, events);
    },
  });
  let [asked, stretch] = [0, 0];
  const ahead = (steps: readonly HistoryStep[]): void =>
    models.ahead?.(steps, journaled?.isKnown(asked++) ? 'updates only' : 'all calls');
  const history = historyOf(config, options.configHash, records, reports);
  for await (const steps of inChunks(history, CHUNK, Math.max(1, ...(models.copies?.values() ?? [])), ahead)) {
    journaled?.begin(stretch++);
    for (const step of steps) {
      if (step.kind === 'record') await pipeline.record(step.event);
      else await pipeline.close(step.event);
    }
    signal?.throwIfAborted();
    journaled?.end(steps.at(-1)!.event.at);
    options.onProgress?.({ at: steps.at(-1)!.event.at, records: kept.records.length, rounds: kept.predicted.length });
    // Signals and timers of the process have their turn, though nothing here waits.
    await new Promise((resolve) => setImmediate(resolve));
  }
  options.journal?.remove();
  return { names: models.names, ...kept.result(), dropped: models.dropped };
}

const always =
  <T>(value: T): (() => T) =>
  () =>
    value;

/**
 * Partitions divide work; figures do not depend on them. Only a hook that sees a partition's predictions together
 * keeps the number that is configured.
 */
const inOnePartition = (config: CrunchConfig): CrunchConfig =>
  config.post_predict_hook === null ? { ...config, partitions: 1 } : config;

/** Chunks of a history; so many are passed on for calls ahead while the one before them is worked off. */
async function* inChunks(
  steps: AsyncIterable<HistoryStep>,
  size: number,
  count: number,
  ahead: (steps: readonly HistoryStep[]) => void,
): AsyncIterable<readonly HistoryStep[]> {
  const asked: HistoryStep[][] = [];
  let chunk: HistoryStep[] = [];
  const ask = (): void => {
    ahead(chunk);
    asked.push(chunk);
    chunk = [];
  };
  for await (const step of steps) {
    chunk.push(step);
    if (chunk.length < size) continue;
    ask();
    if (asked.length > count) yield asked.shift()!;
  }
  if (chunk.length > 0) ask();
  yield* asked;
}

/** Keeps the events that results are computed from. */
class Keeper {
  readonly records: FeedRecorded[] = [];
  readonly predicted: RoundPredicted[] = [];
  readonly #scored: RoundScored[] = [];
  readonly #snapshots: SnapshotTaken[] = [];
  readonly #leaderboards: LeaderboardRanked[] = [];

  take(events: readonly Event[]): void {
    for (const event of events) {
      if (event.type === 'FeedRecorded') this.records.push(event as FeedRecorded);
      else if (event.type === 'RoundPredicted') this.predicted.push(event as RoundPredicted);
      else if (event.type === 'RoundScored') this.#scored.push(event as RoundScored);
      else if (event.type === 'SnapshotTaken') this.#snapshots.push(event as SnapshotTaken);
      else if (event.type === 'LeaderboardRanked') this.#rank(event as LeaderboardRanked);
    }
  }

  /** A ranking in several parts comes one after the other. */
  #rank(ranked: LeaderboardRanked): void {
    const { part = 1, entries } = ranked.data;
    const before = this.#leaderboards.at(-1);
    if (part === 1 || before === undefined) this.#leaderboards.push(ranked);
    else {
      const joined = { ...before, data: { ...before.data, entries: [...before.data.entries, ...entries] } };
      this.#leaderboards[this.#leaderboards.length - 1] = joined;
    }
  }

  result() {
    return {
      records: this.records,
      predicted: this.predicted,
      scored: this.#scored,
      snapshots: this.#snapshots,
      leaderboards: this.#leaderboards,
      leaderboard: this.#leaderboards.at(-1) ?? null,
    };
  }
}

/** Whether it is a participant's, not an ensemble's. */
export const isParticipant = (modelId: string): boolean => !isEnsemble(modelId);
