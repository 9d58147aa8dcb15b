import { startCheckpoint } from '@crunch-node/checkpoint';
import { enabledEnsembles } from '@crunch-node/domain';
import { startEnsemble } from '@crunch-node/ensemble';
import { startIngest } from '@crunch-node/ingest';
import { credentialsFrom } from '@crunch-node/models';
import { startPredict } from '@crunch-node/predict';
import { startProject } from '@crunch-node/project';
import { startRank } from '@crunch-node/rank';
import type { Service } from '@crunch-node/runtime';
import { startScore } from '@crunch-node/score';
import { startSnapshot } from '@crunch-node/snapshot';
import { startBackfillOf } from '../up/backfill.ts';
import { UsageError } from '../up/options.ts';
import { serveReport } from '../up/serve-report.ts';
import { REPLAY_BATCH_WAIT_MS, type ServicesFrom } from '../up/services.ts';

type Start = (from: ServicesFrom) => Service | Promise<Service>;

/** What can run as a process of its own, in the order in which it can be started. */
const starts = {
  project: ({ context: { log, logger, metrics, pace }, means, namespace }) =>
    startProject(
      { log, databaseUrl: means.databaseUrl, namespace, logger, metrics },
      pace === 'replay' ? { batchWaitMs: REPLAY_BATCH_WAIT_MS } : {},
    ),
  checkpoint: ({ context }) => startCheckpoint(context),
  rank: ({ context }) => startRank(context),
  snapshot: ({ context }) => startSnapshot(context),
  score: ({ context }) => startScore(context),
  ensemble: ({ context }) =>
    enabledEnsembles(context.config).length > 0
      ? startEnsemble(context)
      : idle('ensemble', 'no ensembles are configured'),
  predict: (from) => startPredict(from.context, orchestratorOf(from)),
  ingest: ({ context }) => startIngest(context),
  backfill: ({ context: { log, logger, config }, environment }) =>
    startBackfillOf(environment, { log, logger, feed: config.feed }),
  report: (from) => serveReport(from),
} satisfies Readonly<Record<string, Start>>;

export type ServiceName = keyof typeof starts;

export const serviceNames = Object.keys(starts) as readonly ServiceName[];

/** Those that read or write rows; the others never ask for Postgres. */
export const needsPostgres = (name: ServiceName): boolean => name === 'project' || name === 'report';

/** @throws {UsageError} */
export function servicesNamed(names: readonly string[]): readonly ServiceName[] {
  const unknown = names.filter((name) => !serviceNames.includes(name as ServiceName));
  if (unknown.length > 0) {
    throw new UsageError(`expected services (${serviceNames.join(', ')}), received ${unknown.join(', ')}`);
  }
  return serviceNames.filter((name) => names.includes(name));
}

export const startNamed = async (name: ServiceName, from: ServicesFrom): Promise<Service> => starts[name](from);

/** A deployment has the same processes whatever its configuration needs of them. */
function idle(name: string, detail: string): Service {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { name, health: () => ({ state: 'running', detail, counts: {} }), stop: async () => end(), ended };
}

/** Example models belong to no process of their own here: several of them would each bring their own. */
function orchestratorOf({ environment: { values } }: ServicesFrom) {
  const { MODEL_RUNNER_NODE_HOST: host, MODEL_RUNNER_NODE_PORT: port = 9091, MODEL_BASE_CLASSNAME } = values;
  if (host === undefined) {
    throw new UsageError('predict needs an orchestrator: set MODEL_RUNNER_NODE_HOST (and MODEL_RUNNER_NODE_PORT)');
  }
  return {
    orchestratorUrl: `ws://${host}:${port}`,
    ...(MODEL_BASE_CLASSNAME === undefined ? {} : { baseClassname: MODEL_BASE_CLASSNAME }),
    credentials: credentialsFrom({ gatewayCertDir: values.GATEWAY_CERT_DIR, secureCertDir: values.SECURE_CERT_DIR }),
    expectedModels: values.EXPECTED_MODELS ?? [],
  };
}
