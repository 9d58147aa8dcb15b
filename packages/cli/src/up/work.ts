import { join } from 'node:path';
import type { LoadedConfig } from '@crunch-node/config';
import type { CrunchConfig } from '@crunch-node/domain';
import { activateConfig } from '@crunch-node/operations/activate';
import { withEventLimit } from '@crunch-node/operations/event-limit';
import { paceOf } from '@crunch-node/operations/pace';
import { openReadModel } from '@crunch-node/projections';
import { type Closers, createLogger, keptLog, type ServiceContext, startMonitor } from '@crunch-node/service';
import { allStreams, control, namespaceOf } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { announceApi, announceEndpoints, openEndpoints } from '../endpoints.ts';
import { failureOf } from '../failure-of.ts';
import { openLog } from '../open-log.ts';
import type { Screen } from '../screen.ts';
import { stateTermsOf } from '../state-terms.ts';
import { announceBeginning } from './beginning.ts';
import { keepToOneHistory } from './feed-of-folder.ts';
import type { UpOptions } from './options.ts';
import { present } from './present.ts';
import { replayOutdated } from './replay-outdated.ts';
import { startServices } from './services.ts';

export interface Work {
  readonly options: UpOptions;
  readonly loaded: LoadedConfig;
  readonly dataDir: string;
  readonly screen: Screen;
  readonly closers: Closers;
  readonly signal: AbortSignal;
}

/** Starts everything, shows how it goes; returns when there is no more to do, throws when something has failed. */
export async function work({ options, loaded, dataDir, screen, closers, signal }: Work): Promise<void> {
  const { config, hash: configHash, environment } = loaded;
  const namespace = namespaceOf(environment.values.CRUNCH_NAMESPACE);
  const pace = paceOf(config);
  if (pace === 'replay') await keepToOneHistory(dataDir, config, namespace.name);
  const endpoints = await openEndpoints({ environment, dataDir, closers, print: screen.print });
  await announceEndpoints(dataDir, endpoints, closers);
  // Beside what is printed: `crunch-node logs` reads it.
  const logger = createLogger(options.logLevel, undefined, undefined, keptLog(join(dataDir, 'logs', 'up.log')));
  const log = await openLog(endpoints.natsUrl, environment, logger);
  closers.push('connection to the log', () => log.close());
  const readModel = openReadModel({ url: endpoints.databaseUrl, schema: namespace.schema });
  closers.push('connection to Postgres', () => readModel.close());
  await log.ensureStreams(allStreams);
  const before = await log.last(control, 'control.config');
  const { changed } = await activateConfig(log, config, configHash, pace);
  await announceBeginning({ log, screen, before: before?.event.data.config_hash ?? null, configHash, changed });

  const metrics = new Registry();
  const context: ServiceContext<CrunchConfig> = {
    log,
    config: await withEventLimit(log, config),
    configHash,
    pace,
    logger,
    metrics,
    ...stateTermsOf(environment),
  };
  const { models } = options;
  const services = await startServices({
    context,
    namespace,
    environment,
    endpoints,
    closers,
    print: screen.print,
    ...(models !== undefined && { ownModels: { paths: models, dataDir, signal, withExamples: options.demo } }),
  });
  const monitor = await startMonitor({
    services: services.all,
    registry: metrics,
    connected: () => log.connected,
    host: environment.values.SERVICE_HOST ?? '127.0.0.1',
    port: environment.values.SERVICE_PORT ?? 0,
  });
  closers.push('monitor', () => monitor.close());
  await announceApi(dataDir, endpoints, { apiUrl: services.report.url, monitorUrl: monitor.url });
  const { databaseUrl } = endpoints;
  const rebuilding = replayOutdated({ context, readModel, databaseUrl, namespace, screen, signal });
  rebuilding.catch((error: Error) => screen.print(`warning: ${error.message}`));
  await Promise.race([
    failureOf(services.all),
    present({
      services,
      monitorUrl: monitor.url,
      context,
      readModel,
      environment,
      demo: options.demo,
      once: options.once,
      screen,
      signal,
      closers,
    }),
  ]);
}
