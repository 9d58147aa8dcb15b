import { enabledEnsembles } from '@crunch-node/domain';
import type { Service } from '@crunch-node/runtime';
import { REPLAY_BATCH_WAIT_MS } from '../pace.ts';
import { UsageError } from '../up/options.ts';
import type { ServicesFrom } from '../up/services.ts';

type Start = (from: ServicesFrom) => Promise<Service>;

/**
 * What can run as a process of its own, in the order in which it can be started. Imported when it is started: a process
 * that comes back after a crash should not load what it does not run.
 */
const starts = {
  project: async ({ context: { log, logger, metrics, pace }, means, namespace }) =>
    (await import('@crunch-node/project')).startProject(
      { log, databaseUrl: means.databaseUrl, namespace, logger, metrics },
      pace === 'replay' ? { batchWaitMs: REPLAY_BATCH_WAIT_MS } : {},
    ),
  checkpoint: async ({ context }) => (await import('@crunch-node/checkpoint')).startCheckpoint(context),
  rank: async ({ context }) => (await import('@crunch-node/rank')).startRank(context),
  snapshot: async ({ context }) => (await import('@crunch-node/snapshot')).startSnapshot(context),
  score: async ({ context }) => (await import('@crunch-node/score')).startScore(context),
  ensemble: async ({ context }) =>
    enabledEnsembles(context.config).length > 0
      ? (await import('@crunch-node/ensemble')).startEnsemble(context)
      : idle('ensemble', 'no ensembles are configured'),
  predict: async (from) => {
    const options = await orchestratorOf(from);
    return (await import('@crunch-node/predict')).startPredict(from.context, options);
  },
  ingest: async ({ context }) => (await import('@crunch-node/ingest')).startIngest(context),
  backfill: async ({ context: { log, logger, config }, environment }) =>
    (await import('../up/backfill.ts')).startBackfillOf(environment, { log, logger, feed: config.feed }),
  report: async (from) => (await import('../up/serve-report.ts')).serveReport(from),
} satisfies Readonly<Record<string, Start>>;

export type ServiceName = keyof typeof starts;

const serviceNames = Object.keys(starts) as readonly ServiceName[];

/** Those that read or write rows; the others never ask for Postgres. */
export const needsPostgres = (name: ServiceName): boolean => name === 'project' || name === 'report';

/** Those that open the feed and need its options: files to replay, keys, addresses. The others read the log. */
export const readsFeed = (name: ServiceName): boolean => name === 'ingest' || name === 'backfill';

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
async function orchestratorOf({ environment: { values } }: ServicesFrom) {
  const { MODEL_RUNNER_NODE_HOST: host, MODEL_RUNNER_NODE_PORT: port = 9091, MODEL_BASE_CLASSNAME } = values;
  if (host === undefined) {
    throw new UsageError('predict needs an orchestrator: set MODEL_RUNNER_NODE_HOST (and MODEL_RUNNER_NODE_PORT)');
  }
  const { credentialsFrom } = await import('@crunch-node/models');
  return {
    orchestratorUrl: `ws://${host}:${port}`,
    ...(MODEL_BASE_CLASSNAME === undefined ? {} : { baseClassname: MODEL_BASE_CLASSNAME }),
    credentials: credentialsFrom({ gatewayCertDir: values.GATEWAY_CERT_DIR, secureCertDir: values.SECURE_CERT_DIR }),
    expectedModels: values.EXPECTED_MODELS ?? [],
  };
}
