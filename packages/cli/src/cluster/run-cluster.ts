import type { LoadedConfig } from '@crunch-node/config';
import { type CrunchConfig, enabledEnsembles, hasRoundsByCommand } from '@crunch-node/domain';
import { activateConfig } from '@crunch-node/operations/activate';
import { paceOf } from '@crunch-node/operations/pace';
import { startOrchestratorProcess } from '@crunch-node/orchestrator';
import type { ServiceName } from '@crunch-node/pipeline';
import { masked } from '@crunch-node/postgres';
import { openReadModel } from '@crunch-node/projections';
import { aborted, type Closers } from '@crunch-node/service';
import { allStreams, namespaceOf } from '@crunch-node/streams';
import { announceEndpoints, type Endpoints, openEndpoints } from '../endpoints.ts';
import { exampleSetOf, withoutExamples } from '../example-set.ts';
import { openLog } from '../open-log.ts';
import { runUntilStopped } from '../run-until-stopped.ts';
import { createScreen, type Screen } from '../screen.ts';
import { startOrder } from '../serve/services.ts';
import { configurationOf } from '../up/configuration.ts';
import { keepToOneHistory } from '../up/feed-of-folder.ts';
import { checkedOptions, type UpOptions, UsageError } from '../up/options.ts';
import { DEFAULT_DATA_DIR } from '../version.ts';
import { type Child, type Started, startChild } from './child.ts';
import { keepingLogs } from './keep-logs.ts';
import { type Secured, securedLog } from './secured.ts';
import { workOff } from './work-off.ts';

export interface ClusterOptions extends UpOptions {
  readonly predict: number;
  readonly score: number;
  readonly project: number;
  readonly restart: boolean;
  /** the log with TLS, and a user for each service */
  readonly secure: boolean;
}

/** Everything on this machine, each service in a process of its own, some in several; private servers as `up` has them. */
export async function runCluster(given: ClusterOptions): Promise<void> {
  const screen = createScreen();
  const options = { ...given, ...checkedOptions(given) };
  const loaded = await configurationOf(options, process.env, process.cwd());
  const { config, environment, hash } = loaded;
  if (options.secure && environment.values.NATS_URL !== undefined) {
    throw new UsageError(
      '--secure is for the private server, received NATS_URL: give it users and certificates of its own',
    );
  }
  if (options.once && (hasRoundsByCommand(config) || paceOf(config) === 'live')) {
    throw new UsageError(`--once needs a feed that ends, received ${config.feed.provider}`);
  }
  for (const warning of loaded.warnings) screen.print(`warning: ${warning}`);
  await runUntilStopped(screen, async (closers, signal) => {
    const { CRUNCH_NAMESPACE, CRUNCH_STATE_DIR, API_KEY: apiKey } = environment.values;
    const dataDir = options.dataDir ?? CRUNCH_STATE_DIR ?? DEFAULT_DATA_DIR;
    const namespace = namespaceOf(CRUNCH_NAMESPACE);
    const pace = paceOf(config);
    if (pace === 'replay') await keepToOneHistory(dataDir, config, namespace.name);
    const secured = options.secure ? await securedLog(dataDir, environment, namespace) : null;
    const endpoints = await openEndpoints({
      environment,
      dataDir,
      closers,
      print: screen.print,
      ...(secured && { natsConfig: secured.natsConfig, postgresTls: secured.postgresTls }),
    });
    const { natsUrl } = endpoints;
    await announceEndpoints(dataDir, endpoints, closers);
    const log = await openLog(natsUrl, secured?.environment ?? environment);
    closers.push('connection to the log', () => log.close());
    await log.ensureStreams(allStreams);
    await activateConfig(log, config, hash, pace);
    const models = await modelsFor(loaded, closers, screen);
    const env = (service: ServiceName) => ({
      ...process.env,
      ...envOf(endpoints, options),
      ...models,
      ...secured?.envFor(service),
    });
    const print = keepingLogs(dataDir, screen.print);
    const children = await startAll(options, config, { env, closers, screen, signal, print });
    const failed = Promise.race(children.map(({ ended }) => ended));
    failed.catch(() => undefined);
    const url = children.find(({ apiUrl }) => apiUrl !== undefined)?.apiUrl ?? '';
    screen.result(`log        ${masked(natsUrl)}\nPostgres   ${masked(endpoints.databaseUrl)}\nAPI        ${url}`);
    screen.result(`status     ${credentialsShown(secured)}crunch-node status --data-dir ${dataDir}`);
    if (options.once) {
      const readModel = openReadModel({ url: endpoints.databaseUrl, schema: namespace.schema });
      closers.push('connection to Postgres', () => readModel.close());
      await Promise.race([workOff({ log, readModel, config, url, apiKey, screen, signal }), failed]);
      return;
    }
    screen.print('serving until Ctrl-C');
    await Promise.race([failed, aborted(signal)]);
  });
}

/** What a command beside the cluster needs to connect. */
function credentialsShown(secured: Secured | null): string {
  if (secured === null) return '';
  const { NATS_CA, NATS_CERT, NATS_KEY } = secured.environment.values;
  return `NATS_CA=${NATS_CA} NATS_CERT=${NATS_CERT} NATS_KEY=${NATS_KEY} `;
}

const envOf = ({ natsUrl, databaseUrl }: Endpoints, { port }: ClusterOptions): NodeJS.ProcessEnv => ({
  ...(port === undefined ? {} : { REPORT_API_PORT: String(port) }),
  NATS_URL: natsUrl,
  DATABASE_URL: databaseUrl,
  SERVICE_PORT: '0',
});

/** One set of example models for all processes, unless there is an orchestrator. */
async function modelsFor(
  { config, environment }: LoadedConfig,
  closers: Closers,
  screen: Screen,
): Promise<NodeJS.ProcessEnv> {
  if (environment.values.MODEL_RUNNER_NODE_HOST !== undefined) return {};
  const fault = withoutExamples(config);
  if (fault !== null) screen.print(`warning: every answer of the example models will be refused: ${fault}`);
  const orchestrator = await startOrchestratorProcess(config.crunch_id, exampleSetOf(config));
  closers.push('example models', () => orchestrator.stop());
  const { hostname, port } = new URL(orchestrator.url);
  return {
    MODEL_RUNNER_NODE_HOST: hostname,
    MODEL_RUNNER_NODE_PORT: port,
    EXPECTED_MODELS: orchestrator.modelIds.join(','),
  };
}

interface Surroundings {
  env(service: ServiceName): NodeJS.ProcessEnv;
  readonly closers: Closers;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  /** a line of a service's log */
  print(line: string): void;
}

async function startAll(
  options: ClusterOptions,
  config: CrunchConfig,
  { env, closers, screen, signal, print }: Surroundings,
): Promise<readonly (Child & { readonly apiUrl?: string })[]> {
  const args = argumentsOf(options);
  const isNeeded = (name: ServiceName): boolean => name !== 'ensemble' || enabledEnsembles(config).length > 0;
  const asked: Partial<Record<ServiceName, number>> = {
    project: options.project,
    score: options.score,
    predict: options.predict,
  };
  const counts = startOrder.filter(isNeeded).map((name) => [name, asked[name] ?? 1] as const);
  const showStarted = ({ name, pid, url, apiUrl }: Started): void =>
    screen.result(
      `${name.padEnd(12)} ${String(pid).padStart(7)}  ${url}${apiUrl === undefined ? '' : `  API ${apiUrl}`}`,
    );
  const children: (Child & { readonly apiUrl?: string })[] = [];
  for (const [service, count] of counts) {
    signal.throwIfAborted();
    const group = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const name = count === 1 ? service : `${service}-${i + 1}`;
        let apiUrl: string | undefined;
        const started = (at: Started): void => {
          apiUrl = at.apiUrl;
          showStarted(at);
        };
        const child = startChild({
          name,
          service,
          args,
          env: env(service),
          restart: options.restart,
          print,
          started,
        });
        closers.push(name, () => child.stop());
        await child.serving;
        return { ...child, ...(apiUrl === undefined ? {} : { apiUrl }) };
      }),
    );
    children.push(...group);
  }
  return children;
}

/** Options that all services of a deployment must share: their configuration. */
function argumentsOf({ demo, pack, feed, data, days, speed, seed, start, config, logLevel }: ClusterOptions): string[] {
  return [
    ...(demo ? ['--demo'] : []),
    ...option('--pack', pack),
    ...option('--feed', feed),
    ...(data === undefined ? [] : ['--data', ...data]),
    ...option('--days', days),
    ...option('--speed', speed),
    ...option('--seed', seed),
    ...option('--start', start),
    ...option('--config', config),
    '--log-level',
    logLevel,
  ];
}

const option = (name: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [name, String(value)];
