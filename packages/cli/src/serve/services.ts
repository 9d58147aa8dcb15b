import type { Environment } from '@crunch-node/config';
import { enabledEnsembles } from '@crunch-node/domain';
import { REPLAY_BATCH_WAIT_MS } from '@crunch-node/operations/pace';
import { type Need, type ServiceName, serviceNames, services } from '@crunch-node/pipeline';
import type { PredictOptions } from '@crunch-node/predict';
import type { Service } from '@crunch-node/service';
import { UsageError } from '../up/options.ts';
import type { ServicesFrom } from '../up/services-from.ts';

type Start = (from: ServicesFrom) => Promise<Service>;

/**
 * How each service starts. Imported when it is started: a process restarted after a crash should not load other
 * services.
 */
const starts = {
  project: async ({ context: { log, logger, metrics, pace }, endpoints, namespace }) =>
    (await import('@crunch-node/project')).startProject(
      { log, databaseUrl: endpoints.databaseUrl, namespace, logger, metrics },
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
  predict: async ({ context, models }) => {
    const options = await models();
    return (await import('@crunch-node/predict')).startPredict(context, options);
  },
  ingest: async ({ context }) => (await import('@crunch-node/ingest')).startIngest(context),
  backfill: async ({ context: { log, logger, config }, environment }) =>
    (await import('../up/backfill.ts')).startBackfillOf(environment, { log, logger, feed: config.feed }),
  report: async (from) => (await import('../up/serve-report.ts')).serveReport(from),
} satisfies Readonly<Record<ServiceName, Start>>;

/** Readers before writers; ingest last, since its events start all other work. */
export const startOrder: readonly ServiceName[] = [
  ...serviceNames.filter((name) => name !== 'ingest').reverse(),
  'ingest',
];

/** Those that read or write rows; the others do without Postgres. */
export const needsPostgres = (name: ServiceName): boolean =>
  services.some((service) => service.name === name && (service.needs as readonly Need[]).includes('postgres'));

/** Those that open the feed and need its options: files to replay, keys, addresses. The others read the log. */
export const readsFeed = (name: ServiceName): boolean => name === 'ingest' || name === 'backfill';

/** @throws {UsageError} */
export function servicesNamed(names: readonly string[]): readonly ServiceName[] {
  const unknown = names.filter((name) => !serviceNames.includes(name as ServiceName));
  if (unknown.length > 0) {
    throw new UsageError(`expected services (${serviceNames.join(', ')}), received ${unknown.join(', ')}`);
  }
  return startOrder.filter((name) => names.includes(name));
}

/** Type of a service after its start. */
export type Started<N extends ServiceName> = Awaited<ReturnType<(typeof starts)[N]>>;

export const startNamed = <N extends ServiceName>(name: N, from: ServicesFrom): Promise<Started<N>> =>
  starts[name](from) as Promise<Started<N>>;

/** A deployment has the same processes whatever its configuration needs of them. */
function idle(name: string, detail: string): Service {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { name, health: () => ({ state: 'running', detail, counts: {} }), stop: async () => end(), ended };
}

/** Example models belong to no process of their own here: several of them would each bring their own. */
export async function orchestratorOf({ values }: Environment): Promise<PredictOptions> {
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
