import { readEnvironment } from '@crunch-node/config';
import { startProject } from '@crunch-node/project';
import { projectionsNamed } from '@crunch-node/projector';
import { aborted, createLogger } from '@crunch-node/service';
import { allStreams, namespaceOf } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { joinEndpoints } from '../endpoints.ts';
import { failureOf } from '../failure-of.ts';
import { openLog } from '../open-log.ts';
import { runUntilStopped } from '../run-until-stopped.ts';
import { createScreen } from '../screen.ts';
import { watched } from '../watched.ts';

export interface ProjectCommand {
  readonly only?: readonly string[];
  readonly dataDir: string;
  readonly logLevel: string;
}

/** Runs projections alone, each as its own reader, next to whatever else runs. */
export async function runProject({ only, dataDir, logLevel }: ProjectCommand): Promise<void> {
  const screen = createScreen();
  const environment = readEnvironment(process.env);
  for (const warning of environment.warnings) screen.print(`warning: ${warning}`);
  const names = projectionsNamed(only).map(({ name }) => name);
  const namespace = namespaceOf(environment.values.CRUNCH_NAMESPACE);
  await runUntilStopped(screen, async (closers, signal) => {
    const folder = environment.values.CRUNCH_STATE_DIR ?? dataDir;
    const endpoints = await joinEndpoints({ environment, dataDir: folder, closers, print: screen.print });
    const log = await openLog(endpoints.natsUrl, environment, createLogger(logLevel));
    closers.push('connection to the log', () => log.close());
    await log.ensureStreams(allStreams);
    const logger = createLogger(logLevel);
    const registry = new Registry();
    const context = { log, databaseUrl: endpoints.databaseUrl, namespace, logger, metrics: registry };
    const { service: project, url } = await watched({ registry, log, environment, closers }, async () =>
      startProject(context, { only: names }),
    );
    screen.print(`projecting ${names.join(', ')} until Ctrl-C, health at ${url}/readyz`);
    await Promise.race([failureOf([project]), aborted(signal)]);
  });
}
