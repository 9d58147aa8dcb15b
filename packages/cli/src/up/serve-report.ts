import { builtPages } from '@crunch-node/launcher/page';
import { createOperations } from '@crunch-node/operations/for-report';
import { PortTaken, type ReportService, startReport } from '@crunch-node/report';
import { version } from '../version.ts';
import { archiveOf } from './backfill.ts';
import { customRoutesOf } from './custom-routes.ts';
import { reportLimits } from './report-limits.ts';
import { reportSecurity } from './report-security.ts';
import type { ServicesFrom } from './services-from.ts';

export type { ReportService } from '@crunch-node/report';

const USUAL_PORT = 8000;

/** The API on the configured port; by default on the usual one, or any free one when that is taken. */
export async function serveReport(from: ServicesFrom): Promise<ReportService> {
  const { REPORT_API_PORT: asked } = from.environment.values;
  const security = reportSecurity(from.environment, from.print);
  try {
    return await on(asked ?? USUAL_PORT, from, security);
  } catch (error) {
    if (asked !== undefined || !(error instanceof PortTaken)) throw error;
    from.print(`port ${USUAL_PORT} is taken: the API takes a free one`);
    return on(0, from, security);
  }
}

async function on(
  port: number,
  { context, namespace, endpoints, environment, closers }: ServicesFrom,
  security: ReturnType<typeof reportSecurity>,
): Promise<ReportService> {
  const { log, logger } = context;
  const operations = createOperations({ log, databaseUrl: endpoints.databaseUrl, namespace, logger });
  const report = await startReport({
    ...security,
    ...reportLimits(environment),
    customRoutes: customRoutesOf(environment),
    archive: archiveOf(environment),
    page: builtPages(),
    operations,
    databaseUrl: endpoints.databaseUrl,
    namespace,
    config: context.config,
    log,
    pace: context.pace,
    port,
    version: version(),
    logger,
    metrics: context.metrics,
  });
  closers.push('operations of the API', () => operations.close());
  return report;
}
