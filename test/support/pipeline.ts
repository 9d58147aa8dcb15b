import { exampleModels } from '@crunch-node/challenge';
import { startCheckpoint } from '@crunch-node/checkpoint';
import { type CrunchDefinition, defineCrunch, demoPack } from '@crunch-node/config';
import { type CrunchConfig, enabledEnsembles } from '@crunch-node/domain';
import { until } from '@crunch-node/embedded/testing';
import { startEnsemble } from '@crunch-node/ensemble';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { type IngestService, startIngest } from '@crunch-node/ingest';
import type { LocalModel } from '@crunch-node/models';
import { activateConfig } from '@crunch-node/operations/activate';
import { digestStreams } from '@crunch-node/operations/digest-streams';
import { type Orchestrator, startOrchestrator } from '@crunch-node/orchestrator';
import { startPredict } from '@crunch-node/predict';
import { type ProjectService, startProject } from '@crunch-node/project';
import { digestTables, openReadModel } from '@crunch-node/projections';
import { startRank } from '@crunch-node/rank';
import { startScore } from '@crunch-node/score';
import { createLogger, type Service, type ServiceContext } from '@crunch-node/service';
import { freshNamespace } from '@crunch-node/service/testing';
import { startSnapshot } from '@crunch-node/snapshot';
import {
  allStreams,
  checkpoints,
  feeds,
  leaderboards,
  type Namespace,
  type StreamDefinition,
} from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { lateModel } from './late-model.ts';

export { eventsIn as eventsOf } from '@crunch-node/service';
export { freshNamespace };

export interface PipelineOptions {
  readonly natsUrl: string;
  /** none: nothing is projected */
  readonly databaseUrl?: string;
  readonly namespace: Namespace;
  /** differences from the demo configuration */
  readonly config?: Partial<CrunchDefinition>;
  readonly feed?: Readonly<Record<string, string>>;
  readonly models?: readonly LocalModel[];
  readonly configHash?: string;
  /** copies of every stream, on a cluster of servers */
  readonly replicas?: number;
  /** between two saved states of a partition, default so short that a run saves many; 0: none */
  readonly stateSeconds?: number;
}

/** Everything in this process, as `crunch-node up` runs it, with a replayed feed. */
export interface Pipeline {
  readonly log: EventLog;
  readonly config: CrunchConfig;
  readonly services: readonly Service[];
  readonly ingest: IngestService;
  readonly orchestrator: Orchestrator;
  readonly metrics: Registry;
  /** resolves when all data has come through every stage; rejects when a service fails */
  finished(): Promise<void>;
  /** resolves when the read model has caught up */
  projected(): Promise<void>;
  /** resolves when rank has closed so many cycles in this run, or all data has come through */
  cycles(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Two assets, `minutes` minutes; quick to run. */
export const syntheticFeed = (minutes: number, seed = 'e2e'): Readonly<Record<string, string>> => ({
  count: String(minutes),
  seed,
});

/** As many as it takes for models to be divided: every further one costs messages in each cycle. */
const PARTITIONS = 3;
/** Of a feed: a checkpoint, and some cycles behind it. */
const MINUTES = 48;
const STATE_SECONDS = 0.05;
/** On a quiet machine; a busy one gets a multiple. */
const FINISHED_MS = 240_000;

export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { natsUrl, databaseUrl, namespace, configHash = 'e2e' } = options;
  const definition: CrunchDefinition = {
    ...demoPack,
    partitions: PARTITIONS,
    checkpoint_interval_seconds: 1_800,
    // A model on a busy machine must not be late: the answers of models are compared.
    model_timeout_seconds: 3,
    ...options.config,
    feed: { ...demoPack.feed, ...options.config?.feed, options: options.feed ?? syntheticFeed(MINUTES) },
  };
  const config = defineCrunch(definition);
  const log = await connectLog({
    url: natsUrl,
    namespace,
    leaseSeconds: 1,
    ...(options.replicas !== undefined && { replicas: options.replicas }),
  });
  await log.ensureStreams(allStreams);
  await activateConfig(log, config, configHash, 'replay');
  const context: ServiceContext<CrunchConfig> = {
    log,
    config,
    configHash,
    pace: 'replay',
    logger: createLogger(process.env.LOG_LEVEL ?? 'silent'),
    metrics: new Registry(),
    stateSeconds: options.stateSeconds ?? STATE_SECONDS,
  };
  const orchestrator = await startOrchestrator({
    crunchId: config.crunch_id,
    models: options.models ?? [...exampleModels, lateModel],
  });
  const predict = startPredict(context, {
    orchestratorUrl: orchestrator.url,
    expectedModels: orchestrator.modelIds,
  });
  const rank = startRank(context);
  const services: Service[] = [startCheckpoint(context), rank, startSnapshot(context), startScore(context), predict];
  if (enabledEnsembles(config).length > 0) services.push(startEnsemble(context));
  let project: ProjectService | undefined;
  if (databaseUrl !== undefined) {
    project = startProject({ log, databaseUrl, namespace, logger: context.logger });
    services.push(project);
  }
  const ingest = await startIngest(context);
  services.push(ingest);
  const failed = Promise.race(
    services.map(async ({ ended }): Promise<never> => {
      await ended;
      return new Promise<never>(() => undefined);
    }),
  );
  failed.catch(() => undefined);
  /** what still waits for a condition then ends */
  let isStopped = false;

  async function come(): Promise<void> {
    await ingest.finished;
    const end = (await log.last(feeds, feeds.closingSubject()))?.event.at ?? '';
    for (const [stream, address] of [
      [leaderboards, leaderboards.closingSubject()],
      [checkpoints, checkpoints.closingSubject()],
    ] as const) {
      const isClosed = async (): Promise<boolean> =>
        isStopped || ((await log.last(stream as StreamDefinition, address))?.event.at ?? '') >= end;
      await until(`${stream.name} to be closed until ${end}`, isClosed, { everyMs: 20, deadlineMs: FINISHED_MS });
    }
  }

  return {
    log,
    config,
    services,
    ingest,
    orchestrator,
    metrics: context.metrics,
    finished: () => Promise.race([come(), failed]),
    projected: () => Promise.race([project?.caughtUp() ?? Promise.resolve(), failed]),
    async cycles(count) {
      const reached = (): boolean => isStopped || (rank.health().counts.cycles ?? 0) >= count;
      const patience = { everyMs: 5, deadlineMs: FINISHED_MS };
      await Promise.race([until(`rank to close ${count} cycles`, reached, patience), come(), failed]);
    },
    async stop() {
      isStopped = true;
      for (const service of [...services].reverse()) await service.stop();
      await orchestrator.stop();
      await log.close();
    },
  };
}

/** What is equal for two runs with the same events: one hash per stream, one per table. */
export interface Digests {
  readonly streams: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, string>>;
}

export async function digestsOf(
  natsUrl: string,
  databaseUrl: string | undefined,
  namespace: Namespace,
): Promise<Digests> {
  const log = await connectLog({ url: natsUrl, namespace });
  try {
    const streams = (await digestStreams(log)).filter(({ compared }) => compared);
    let tables: { table: string; sha256: string; rows: number }[] = [];
    if (databaseUrl !== undefined) {
      const readModel = openReadModel({ url: databaseUrl, schema: namespace.schema });
      tables = [...(await digestTables(readModel.db, readModel.schema, { all: false }))];
      await readModel.close();
    }
    return {
      streams: Object.fromEntries(streams.map(({ stream, events, digest }) => [stream, `${events} ${digest}`])),
      tables: Object.fromEntries(tables.map(({ table, rows, sha256 }) => [table, `${rows} ${sha256}`])),
    };
  } finally {
    await log.close();
  }
}

/** Runs to the end of its data, undisturbed. */
export async function runUndisturbed(options: Omit<PipelineOptions, 'namespace'>): Promise<Digests> {
  const namespace = freshNamespace();
  const pipeline = await startPipeline({ ...options, namespace });
  try {
    await pipeline.finished();
    await pipeline.projected();
  } finally {
    await pipeline.stop();
  }
  return digestsOf(options.natsUrl, options.databaseUrl, namespace);
}
