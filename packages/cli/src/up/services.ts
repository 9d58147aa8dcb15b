/** Every service in one process, started in the order in which they can begin, stopped in the opposite one. */
import type { Environment } from '@crunch-node/config';
import { type CrunchConfig, enabledEnsembles } from '@crunch-node/domain';
import { exampleSets, type OrchestratorProcess, startOrchestratorProcess } from '@crunch-node/orchestrator';
import type { ServiceName } from '@crunch-node/pipeline';
import type { PredictOptions } from '@crunch-node/predict';
import type { Service } from '@crunch-node/service';
import { exampleSetOf, withoutExamples } from '../example-set.ts';
import type { StartedModels } from '../models/run-models.ts';
import { orchestratorOf, type Started, startNamed, startOrder } from '../serve/services.ts';
import { UsageError } from './options.ts';
import type { OwnModels, ServicesFrom } from './services-from.ts';

type Running = { [N in ServiceName]: Started<N> };

export interface Services extends Pick<Running, 'project' | 'predict' | 'ingest' | 'report'> {
  readonly all: readonly Service[];
  /** which models of the operator's own do not run, and why; null: all do, or they run elsewhere */
  modelFailures(): string | null;
}

/** Without an orchestrator in the environment the example models are run here. */
export async function startServices(given: Omit<ServicesFrom, 'models'>): Promise<Services> {
  const { config } = given.context;
  let started: Partial<Pick<StartedModels, 'failures'>> = {};
  const onModels = (models: Partial<Pick<StartedModels, 'failures'>>): void => {
    started = models;
  };
  const from: ServicesFrom = { ...given, models: () => modelsOf(config, given.environment, { ...given, onModels }) };
  const names = startOrder.filter((name) => name !== 'ensemble' || enabledEnsembles(config).length > 0);
  const running: Partial<Record<ServiceName, Service>> = {};
  for (const name of names) {
    const service = await startNamed(name, from);
    running[name] = service;
    given.closers.push(service.name, () => service.stop());
  }
  return {
    ...(running as Running),
    all: Object.values(running),
    modelFailures: () => started.failures?.() ?? null,
  };
}

async function modelsOf(
  config: CrunchConfig,
  environment: Environment,
  from: Pick<ServicesFrom, 'closers' | 'print' | 'ownModels'> & {
    readonly onModels: (models: Partial<Pick<StartedModels, 'failures'>>) => void;
  },
): Promise<PredictOptions> {
  const { MODEL_BASE_CLASSNAME, MODEL_RUNNER_NODE_HOST } = environment.values;
  if (MODEL_RUNNER_NODE_HOST !== undefined && from.ownModels === undefined) return orchestratorOf(environment);
  const orchestrator = await (from.ownModels === undefined
    ? exampleModels(config, from)
    : ownModels(config, from.ownModels, from));
  from.onModels(orchestrator);
  const { credentialsFrom } = await import('@crunch-node/models');
  return {
    ...(MODEL_BASE_CLASSNAME === undefined ? {} : { baseClassname: MODEL_BASE_CLASSNAME }),
    credentials: credentialsFrom({
      gatewayCertDir: environment.values.GATEWAY_CERT_DIR,
      secureCertDir: environment.values.SECURE_CERT_DIR,
    }),
    orchestratorUrl: orchestrator.url,
    expectedModels: orchestrator.modelIds,
  };
}

type StartedOrchestrator = Pick<OrchestratorProcess, 'url' | 'modelIds'> & Partial<Pick<StartedModels, 'failures'>>;

async function exampleModels(
  config: CrunchConfig,
  { closers, print }: Pick<ServicesFrom, 'closers' | 'print'>,
): Promise<StartedOrchestrator> {
  print('waiting for the example models (set MODEL_RUNNER_NODE_HOST for an orchestrator, or --models for your own)');
  warnOfExamples(config, print);
  const orchestrator = await startOrchestratorProcess(config.crunch_id, exampleSetOf(config));
  closers.push('example models', () => orchestrator.stop());
  return orchestrator;
}

/** They run all the same: rounds are performed, and the failures show what is asked. */
function warnOfExamples(config: CrunchConfig, print: (line: string) => void): void {
  const fault = withoutExamples(config);
  if (fault !== null) print(`warning: every answer of the example models will be refused: ${fault}`);
}

async function ownModels(
  config: CrunchConfig,
  { paths, dataDir, signal, withExamples }: OwnModels,
  { closers, print }: Pick<ServicesFrom, 'closers' | 'print'>,
): Promise<StartedOrchestrator> {
  const { wantedOf } = await import('../models/options.ts');
  const { startModels } = await import('../models/run-models.ts');
  const crunchId = config.crunch_id;
  const list = paths.find((path) => /\.ya?ml$/.test(path));
  if (list !== undefined && paths.length > 1)
    throw new UsageError(
      `--models: expected files and folders, or one list, received ${list} among ${paths.length} paths`,
    );
  const read = list === undefined ? await wantedOf(paths, {}, crunchId) : await wantedOf([], { file: list }, crunchId);
  if (withExamples) warnOfExamples(config, print);
  const beside = withExamples ? exampleSets[exampleSetOf(config)] : [];
  return startModels({ crunchId, read, dataDir, watch: true, beside, closers, signal, screen: { print } });
}
