import type { LoadedConfig } from '@crunch-node/config';
import type { CrunchConfig } from '@crunch-node/domain';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { createLogger, type Service, type ServiceContext } from '@crunch-node/runtime';
import { allStreams, namespaceOf } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { activateConfig } from '../activate.ts';
import type { Closers } from '../closers.ts';
import { announceMeans, openMeans } from '../means.ts';
import { paceOf } from '../pace.ts';
import type { Screen } from '../screen.ts';
import { followHistory, HISTORY_FORMAT } from './history.ts';
import type { UpOptions } from './options.ts';
import { type Services, startStages } from './services.ts';
import { surveyReplay } from './survey.ts';

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
  const means = await openMeans({ environment, dataDir, closers, say: screen.say });
  await announceMeans(dataDir, means, closers);
  const log = await connectLog({ url: means.natsUrl, namespace });
  closers.push('connection to the log', () => log.close());
  await log.ensureStreams(allStreams);
  await activateConfig(log, config, configHash, pace);

  const context: ServiceContext<CrunchConfig> = {
    log,
    config,
    configHash,
    pace,
    logger: createLogger(options.logLevel),
    metrics: new Registry(),
  };
  const services = await startStages(context, loaded, { closers, say: screen.say });
  await Promise.race([failureOf(services.all), present(services, log, config, screen, signal)]);
}

/** Never resolves: one service that fails is the failure of all. */
const failureOf = (services: readonly Service[]): Promise<never> =>
  Promise.race(
    services.map(async ({ name, ended }): Promise<never> => {
      try {
        await ended;
      } catch (cause) {
        throw new Error(`${name} failed: ${(cause as Error).message}`, { cause });
      }
      return new Promise<never>(() => {});
    }),
  );

async function present(
  { ingest, predict }: Services,
  log: EventLog,
  config: CrunchConfig,
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  await followHistory({
    log,
    ingested: ingest.finished,
    rounds: () => predict.health().counts.rounds ?? 0,
    survey: surveyReplay(config, signal),
    progress: screen.progress(HISTORY_FORMAT),
    signal,
  });
}
