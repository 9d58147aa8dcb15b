import { tournamentExampleModels } from '@crunch-node/challenge';
import { startCheckpoint } from '@crunch-node/checkpoint';
import { type CrunchDefinition, defineCrunch, tournamentPack } from '@crunch-node/config';
import type { CrunchConfig } from '@crunch-node/domain';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { startIngest } from '@crunch-node/ingest';
import type { LocalModel } from '@crunch-node/models';
import { activateConfig } from '@crunch-node/operations/activate';
import { type Orchestrator, startOrchestrator } from '@crunch-node/orchestrator';
import { startPredict } from '@crunch-node/predict';
import { startProject } from '@crunch-node/project';
import { startRank } from '@crunch-node/rank';
import { startReport } from '@crunch-node/report';
import { startScore } from '@crunch-node/score';
import { createLogger, type Service, type ServiceContext } from '@crunch-node/service';
import { startSnapshot } from '@crunch-node/snapshot';
import { allStreams, type Namespace } from '@crunch-node/streams';
import { Registry } from 'prom-client';

export interface TournamentOptions {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly namespace: Namespace;
  readonly models?: readonly LocalModel[];
  readonly config?: Partial<CrunchDefinition>;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: any JSON, as a client sees it
  readonly body: any;
}

/** A tournament in this process, as `crunch-node up` runs it, with cycles of a second. */
export interface Tournament {
  readonly log: EventLog;
  readonly config: CrunchConfig;
  readonly orchestrator: Orchestrator;
  readonly ingest: Service;
  ask(method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

export async function startTournament(options: TournamentOptions): Promise<Tournament> {
  const { natsUrl, databaseUrl, namespace, models = tournamentExampleModels } = options;
  const config = defineCrunch({
    ...tournamentPack,
    crunch_id: 'tournament',
    cycle_seconds: 1,
    checkpoint_interval_seconds: 2,
    partitions: 3,
    model_timeout_seconds: 5,
    ...options.config,
  });
  const log = await connectLog({ url: natsUrl, namespace, leaseSeconds: 1 });
  await log.ensureStreams(allStreams);
  await activateConfig(log, config, 'tournament', 'live');
  const logger = createLogger(process.env.LOG_LEVEL ?? 'silent');
  const context: ServiceContext<CrunchConfig> = {
    log,
    config,
    configHash: 'tournament',
    pace: 'live',
    logger,
    metrics: new Registry(),
    stateSeconds: 0.05,
  };
  const orchestrator = await startOrchestrator({ crunchId: config.crunch_id, models });
  const ingest = await startIngest(context);
  const report = await startReport({
    databaseUrl,
    namespace,
    config,
    log,
    host: '127.0.0.1',
    port: 0,
    version: 'test',
    logger,
  });
  const services: Service[] = [
    startProject({ log, databaseUrl, namespace, logger }),
    startCheckpoint(context),
    startRank(context),
    startSnapshot(context),
    startScore(context),
    startPredict(context, { orchestratorUrl: orchestrator.url, expectedModels: orchestrator.modelIds }),
    ingest,
    report,
  ];
  return {
    log,
    config,
    orchestrator,
    ingest,
    async ask(method, path, body) {
      const response = await fetch(`${report.url}${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      return { status: response.status, body: await response.json() };
    },
    async stop() {
      for (const service of [...services].reverse()) await service.stop();
      await orchestrator.stop();
      await log.close();
    },
  };
}
