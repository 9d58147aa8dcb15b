import type { LoadedConfig } from '@crunch-node/config';
import type { CrunchConfig } from '@crunch-node/domain';
import { armCrashPoint } from '@crunch-node/eventlog';
import { withEventLimit } from '@crunch-node/operations/event-limit';
import { paceOf } from '@crunch-node/operations/pace';
import { aborted, createLogger, type Service, type ServiceContext, startMonitor } from '@crunch-node/service';
import { allStreams, namespaceOf } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { knownEndpoints } from '../endpoints.ts';
import { failureOf } from '../failure-of.ts';
import { openLog } from '../open-log.ts';
import { runUntilStopped } from '../run-until-stopped.ts';
import { createScreen } from '../screen.ts';
import { stateTermsOf } from '../state-terms.ts';
import { configurationOf } from '../up/configuration.ts';
import { checkedOptions, type UpOptions } from '../up/options.ts';
import { DEFAULT_DATA_DIR } from '../version.ts';
import { needsPostgres, orchestratorOf, readsFeed, servicesNamed, startNamed } from './services.ts';

export interface ServeOptions extends Omit<UpOptions, 'once' | 'port'> {
  /** of health and metrics */
  readonly port?: number;
}

/**
 * Runs services in a process of their own, next to others that do the rest, until a signal or a failure. It waits until
 * its configuration is the active one (`crunch-node activate`), and shares partitions with other processes of the same
 * service.
 */
export async function runServe(given: readonly string[], options: ServeOptions): Promise<void> {
  const screen = createScreen();
  // The parent process is gone, and no other would stop this one.
  if (process.connected === false) return;
  if (process.connected) process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  const names = servicesNamed(given);
  const { port, ...same } = options;
  const checked = checkedOptions({ ...same, once: false }, { readsFeed: names.some(readsFeed) });
  const loaded = await configurationOf(checked, process.env, process.cwd());
  for (const warning of loaded.warnings) screen.print(`warning: ${warning}`);
  const { values } = loaded.environment;
  armCrashPoint(values.CRUNCH_CRASH_AT);
  await runUntilStopped(screen, async (closers, signal) => {
    const dataDir = options.dataDir ?? values.CRUNCH_STATE_DIR ?? DEFAULT_DATA_DIR;
    const endpoints = await knownEndpoints(loaded.environment, dataDir, names.some(needsPostgres));
    const namespace = namespaceOf(values.CRUNCH_NAMESPACE);
    const log = await openLog(endpoints.natsUrl, loaded.environment, createLogger(options.logLevel));
    closers.push('connection to the log', () => log.close());
    await log.ensureStreams(allStreams);
    const limited = { ...loaded, config: await withEventLimit(log, loaded.config) };
    const context = contextOf(limited, log, options.logLevel);
    const { environment } = loaded;
    const models = () => orchestratorOf(environment);
    const from = { context, namespace, environment, endpoints, closers, models, print: screen.print };
    const services: Service[] = [];
    const monitor = await startMonitor({
      services,
      registry: context.metrics,
      connected: () => log.connected,
      host: values.SERVICE_HOST ?? '127.0.0.1',
      port: port ?? values.SERVICE_PORT ?? 0,
    });
    // Pushed first, closed last: a service that is stopping can be watched.
    closers.push('monitor', () => monitor.close());
    for (const name of names) {
      const service = await startNamed(name, from);
      closers.push(name, () => service.stop());
      services.push(service);
    }
    for (const service of services) if (isApi(service)) screen.result(`API at ${service.url}`);
    screen.result(`serving ${names.join(' ')} at ${monitor.url}`);
    await Promise.race([failureOf(services), aborted(signal)]);
  });
}

const isApi = (service: Service): service is Service & { readonly url: string } => 'url' in service;

const contextOf = (
  { config, hash, environment }: LoadedConfig,
  log: ServiceContext<CrunchConfig>['log'],
  logLevel: string,
): ServiceContext<CrunchConfig> => ({
  log,
  config,
  configHash: hash,
  pace: paceOf(config),
  logger: createLogger(logLevel),
  metrics: new Registry(),
  ...stateTermsOf(environment),
});
