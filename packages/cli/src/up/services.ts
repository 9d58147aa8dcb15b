/** Every service, started in the order in which they can begin, stopped in the opposite one. */
import { startCheckpoint } from '@crunch-node/checkpoint';
import type { Environment } from '@crunch-node/config';
import { type CrunchConfig, enabledEnsembles } from '@crunch-node/domain';
import { startEnsemble } from '@crunch-node/ensemble';
import { type IngestService, startIngest } from '@crunch-node/ingest';
import { credentialsFrom } from '@crunch-node/models';
import { REPLAY_BATCH_WAIT_MS } from '@crunch-node/operations/pace';
import { type ExampleSet, startOrchestratorProcess } from '@crunch-node/orchestrator';
import { type PredictOptions, startPredict } from '@crunch-node/predict';
import { type ProjectService, startProject } from '@crunch-node/project';
import { startRank } from '@crunch-node/rank';
import { startScore } from '@crunch-node/score';
import type { Service } from '@crunch-node/service';
import { startSnapshot } from '@crunch-node/snapshot';
import { startBackfillOf } from './backfill.ts';
import { type ReportService, serveReport } from './serve-report.ts';
import type { ServicesFrom } from './services-from.ts';

export interface Services {
  readonly all: readonly Service[];
  readonly project: ProjectService;
  readonly predict: Service;
  readonly ingest: IngestService;
  readonly report: ReportService;
}

/**
 * The stages last one first, so that each finds its reader at work, then ingest, which sets everything going.
 * Without an orchestrator in the environment the example models are run here.
 */
export async function startServices(from: ServicesFrom): Promise<Services> {
  const { context, namespace, environment, means, closers } = from;
  const { log, logger, metrics } = context;
  const started = <S extends Service>(service: S): S => {
    closers.push(service.name, () => service.stop());
    return service;
  };
  const project = started(
    startProject(
      { log, databaseUrl: means.databaseUrl, namespace, logger, metrics },
      context.pace === 'replay' ? { batchWaitMs: REPLAY_BATCH_WAIT_MS } : {},
    ),
  );
  const checkpoint = started(startCheckpoint(context));
  const rank = started(startRank(context));
  const snapshot = started(startSnapshot(context));
  const score = started(startScore(context));
  const ensembles = enabledEnsembles(context.config).length > 0 ? [started(startEnsemble(context))] : [];
  const models = await modelsOf(context.config, environment.values, from);
  const predict = started(startPredict(context, models));
  const ingest = started(await startIngest(context));
  const backfill = started(startBackfillOf(environment, { log, logger, feed: context.config.feed }));
  const report = started(await serveReport(from));
  const all = [project, checkpoint, rank, snapshot, score, ...ensembles, predict, ingest, backfill, report];
  return { all, project, predict, ingest, report };
}

export const exampleSetOf = ({ trading, tournament }: CrunchConfig): ExampleSet => {
  if (tournament !== null) return 'tournament';
  return trading === null ? 'realtime' : 'trading';
};

async function modelsOf(
  config: CrunchConfig,
  values: Environment['values'],
  { closers, say }: Pick<ServicesFrom, 'closers' | 'say'>,
): Promise<PredictOptions> {
  const { MODEL_BASE_CLASSNAME, GATEWAY_CERT_DIR: gatewayCertDir, SECURE_CERT_DIR: secureCertDir } = values;
  const base = {
    ...(MODEL_BASE_CLASSNAME === undefined ? {} : { baseClassname: MODEL_BASE_CLASSNAME }),
    credentials: credentialsFrom({ gatewayCertDir, secureCertDir }),
  };
  if (values.MODEL_RUNNER_NODE_HOST !== undefined) {
    const orchestratorUrl = `ws://${values.MODEL_RUNNER_NODE_HOST}:${values.MODEL_RUNNER_NODE_PORT ?? 9091}`;
    return { ...base, orchestratorUrl };
  }
  say('waiting for the example models (set MODEL_RUNNER_NODE_HOST for an orchestrator)');
  const orchestrator = await startOrchestratorProcess(config.crunch_id, exampleSetOf(config));
  closers.push('example models', () => orchestrator.stop());
  return { ...base, orchestratorUrl: orchestrator.url, expectedModels: orchestrator.modelIds };
}
