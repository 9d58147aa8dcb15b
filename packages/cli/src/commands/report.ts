import { loadConfig } from '@crunch-node/config';
import { paceOf } from '@crunch-node/operations/pace';
import { startReport } from '@crunch-node/report';
import { aborted, createLogger } from '@crunch-node/service';
import { namespaceOf } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { joinEndpoints } from '../endpoints.ts';
import { failureOf } from '../failure-of.ts';
import { openLog } from '../open-log.ts';
import { runUntilStopped } from '../run-until-stopped.ts';
import { createScreen } from '../screen.ts';
import { archiveOf } from '../up/backfill.ts';
import { customRoutesOf } from '../up/custom-routes.ts';
import { reportLimits } from '../up/report-limits.ts';
import { reportSecurity } from '../up/report-security.ts';
import { version } from '../version.ts';
import { watched } from '../watched.ts';

export interface ReportCommand {
  readonly config?: string;
  readonly port?: number;
  readonly dataDir: string;
  readonly logLevel: string;
}

/** Serves the API alone, next to the processes that keep the read model up to date. */
export async function runReport({ config: module, port, dataDir, logLevel }: ReportCommand): Promise<void> {
  const screen = createScreen();
  const { config, environment, warnings } = await loadConfig({
    env: process.env,
    cwd: process.cwd(),
    ...(module === undefined ? {} : { module }),
  });
  for (const warning of warnings) screen.print(`warning: ${warning}`);
  const { CRUNCH_STATE_DIR, CRUNCH_NAMESPACE, REPORT_API_PORT } = environment.values;
  await runUntilStopped(screen, async (closers, signal) => {
    const endpoints = await joinEndpoints({
      environment,
      dataDir: CRUNCH_STATE_DIR ?? dataDir,
      closers,
      print: screen.print,
    });
    const namespace = namespaceOf(CRUNCH_NAMESPACE);
    const log = await openLog(endpoints.natsUrl, environment, createLogger(logLevel));
    closers.push('connection to the log', () => log.close());
    const metrics = new Registry();
    const { service: report, url } = await watched({ registry: metrics, log, environment, closers }, () =>
      startReport({
        databaseUrl: endpoints.databaseUrl,
        namespace,
        log,
        config,
        pace: paceOf(config),
        ...reportSecurity(environment, screen.print),
        ...reportLimits(environment),
        customRoutes: customRoutesOf(environment),
        archive: archiveOf(environment),
        port: port ?? REPORT_API_PORT ?? 8000,
        version: version(),
        logger: createLogger(logLevel),
        metrics,
      }),
    );
    screen.print(`health at ${url}/readyz`);
    screen.result(report.url);
    await Promise.race([failureOf([report]), aborted(signal)]);
  });
}
