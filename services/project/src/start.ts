import { setMaxListeners } from 'node:events';
import { createReadModel, openReadModel, type ReadModel, type ReadModelOptions } from '@crunch-node/projections';
import {
  type BatchWait,
  dropExpired,
  type ProjectContext,
  type ProjectionStatus,
  projectionsNamed,
  type Runner,
  startRunner,
  untilCommitted,
} from '@crunch-node/projector';
import type { Service, ServiceHealth } from '@crunch-node/service';
import { observe, projectionInstruments } from './metrics.ts';

export interface ProjectOptions {
  /** names of the projections to run; default all */
  readonly only?: readonly string[];
  /** how long a batch may wait to be filled, default 20: a replay needs few transactions rather than fresh rows */
  readonly batchWaitMs?: BatchWait;
}

export interface ProjectService extends Service {
  projections(): readonly ProjectionStatus[];
  /**
   * Resolves once every projection has handled what its stream holds when this is called.
   * @throws {ProjectionStopped} when one halted or is stopped before
   */
  caughtUp(signal?: AbortSignal): Promise<void>;
}

/** As projections connect to Postgres: one connection each, and one to spare. */
export const projectWriting = (
  { databaseUrl, namespace }: Pick<ProjectContext, 'databaseUrl' | 'namespace'>,
  projections: number,
): ReadModelOptions => ({
  url: databaseUrl,
  schema: namespace.schema,
  connections: projections + 1,
  asynchronousCommit: true,
  applicationName: 'crunch-node project',
});

/** How often replaced generations are checked for the end of their retention. */
const DROP_EVERY_MS = 60_000;

/**
 * Runs each projection as its own loop. Starts also while Postgres is away: only the loops wait for it. A projection
 * that cannot continue halts alone, and resumes by itself once a replay has given it other rows; the service fails when
 * none is left.
 * @throws {UnknownProjection}
 */
export function startProject(context: ProjectContext, { only, batchWaitMs }: ProjectOptions = {}): ProjectService {
  const { log, metrics } = context;
  const logger = context.logger.child({ service: 'project' });
  const projections = projectionsNamed(only);
  const readModel = openReadModel(projectWriting(context, projections.length));
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // each projection listens several times
  const prepare = onceItSucceeds(() => createReadModel(readModel.db, readModel.schema));
  const { db, schema } = readModel;
  const instruments = metrics && projectionInstruments(metrics);
  const runners = projections.map((projection) =>
    startRunner(projection, {
      log,
      db,
      schema,
      logger,
      signal: stopping.signal,
      prepare,
      onHalted: () => {
        if (runners.every((runner) => runner.status().state === 'failed')) stopping.abort();
      },
      ...(batchWaitMs !== undefined && { batchWaitMs }),
      ...(instruments && { instruments }),
    }),
  );
  if (metrics) observe(metrics, runners);
  const dropping = setInterval(() => {
    dropExpired(readModel).then(
      ({ dropped, faults }) => {
        for (const { projection } of dropped) logger.info({ projection }, 'replaced generation dropped');
        for (const fault of faults) logger.warn({ err: fault }, 'replaced generation not dropped');
      },
      () => undefined, // Postgres is away: the loops report it
    );
  }, DROP_EVERY_MS);
  dropping.unref();

  const ended = settle(runners, readModel, () => clearInterval(dropping));
  ended.catch(() => undefined);
  return {
    name: 'project',
    health: () => healthOf(runners),
    projections: () => runners.map((runner) => runner.status()),
    async caughtUp(signal) {
      const ends = await Promise.all(
        runners.map(async (runner) => {
          const { lastSequence } = await log.info(runner.projection.stream);
          await runner.reached(lastSequence, signal);
          return [runner.projection.name, lastSequence] as const;
        }),
      );
      await untilCommitted(readModel, runners, new Map(ends), signal);
    },
    async stop() {
      stopping.abort();
      await ended.catch(() => undefined);
    },
    ended,
  };
}

/** Several loops wait for the same tables; the first success counts for all. */
function onceItSucceeds(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= act().catch((error: unknown) => {
      running = undefined;
      throw error;
    });
    return running;
  };
}

async function settle(runners: readonly Runner[], readModel: ReadModel, whenOver: () => void): Promise<void> {
  const outcomes = await Promise.allSettled(runners.map(({ ended }) => ended));
  whenOver();
  await readModel.close();
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
  if (failures.length > 0)
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, 'projections halted');
}

/** Failed as soon as one projection is: its tables no longer change, and readers should know. */
function healthOf(runners: readonly Runner[]): ServiceHealth {
  const statuses = runners.map((runner) => runner.status());
  const states = new Set(statuses.map(({ state }) => state));
  const state = (['failed', 'waiting', 'starting', 'running', 'stopped'] as const).find((s) => states.has(s));
  const sum = (name: 'events' | 'rows' | 'lag' | 'unknown' | 'malformed'): number =>
    statuses.reduce((total, status) => total + status[name], 0);
  return {
    state: state ?? 'stopped',
    detail: statuses
      .filter(({ detail }) => detail !== '')
      .map(({ name, detail }) => `${name}: ${detail}`)
      .join('; '),
    counts: {
      events: sum('events'),
      rows: sum('rows'),
      lag_events: sum('lag'),
      unknown_events: sum('unknown'),
      dead_letters: sum('malformed'),
    },
  };
}
