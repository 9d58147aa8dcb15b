import type { EventLog } from '@crunch-node/eventlog';
import { openReadModel, timeReached } from '@crunch-node/projections';
import type { Logger, Service, ServiceHealth } from '@crunch-node/service';
import { type Instant, instantOfMillis, type Namespace, type Pace } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import type { Registry } from 'prom-client';
import { createApp } from './app.ts';
import { customRoutesReading, findMisconfiguration, reportReading } from './connect.ts';
import type { LiveLimits } from './live/limits.ts';
import type { OperationsPort } from './operations/port.ts';
import { type CustomRoutesOptions, loadCustomRoutes } from './plugins/custom-routes/load.ts';
import type { FreshnessLimits } from './plugins/freshness/keep-fresh.ts';
import type { PageFolders } from './plugins/page/serve-page.ts';
import type { SecurityOptions } from './plugins/security/options.ts';
import type { ArchiveOptions, ReportConfig } from './route-context.ts';

export interface ReportOptions {
  /** an address as `parseAddress` reads it */
  readonly databaseUrl: string;
  readonly namespace: Namespace;
  readonly config: ReportConfig;
  /** where commands go; without it the API only reads */
  readonly log?: EventLog;
  /** in replay, "now" is the time the log has reached; default live */
  readonly pace?: Pace;
  readonly host: string;
  /** 0 takes a free one */
  readonly port: number;
  /** shown at `/healthz` */
  readonly version: string;
  readonly logger: Logger;
  /** where requests are counted; default: nowhere */
  readonly metrics?: Registry;
  /** default any */
  readonly corsOrigins?: readonly string[];
  /** default: no keys, so that everything is open and changes are accepted from this machine only */
  readonly security?: SecurityOptions;
  /** default {@link freshnessLimits} */
  readonly freshness?: Partial<FreshnessLimits>;
  /** default {@link liveLimits} */
  readonly live?: Partial<LiveLimits>;
  /** the archive of feed records, and the maximum of them in a response */
  readonly archive?: ArchiveOptions;
  /** where an operator's own routes are; default none */
  readonly customRoutes?: CustomRoutesOptions;
  /** what an operator sees and does; without it, `/operations` responds 503 */
  readonly operations?: OperationsPort;
  /** what is built of the web page and the documentation; default: neither is served */
  readonly page?: PageFolders;
  /** PEM of the certificate chain and its key; default: plain HTTP */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export interface ReportService extends Service {
  /** `http://127.0.0.1:8000`, with TLS `https://…` */
  readonly url: string;
}

/** Another program listens on the port. */
export class PortTaken extends CrunchError {
  override readonly name = 'PortTaken';
  override readonly code = 'port_taken';
  readonly port: number;
  constructor(host: string, port: number, cause: unknown) {
    super(
      `expected port ${port} on ${host} to be free for the report API, but another program listens there: ` +
        'stop it, or choose another port (0 takes a free one)',
      { cause },
    );
    this.port = port;
  }
}

/** Serves the read model over HTTP. Starts also while Postgres is away: reports are then 503. @throws {PortTaken} {CustomRoutesFault} {BadPostgresAddress} */
export async function startReport(options: ReportOptions): Promise<ReportService> {
  const { host, port, config, version } = options;
  const logger = options.logger.child({ service: 'report' });
  const loaded = options.customRoutes ? await loadCustomRoutes(options.customRoutes) : [];
  const readModel = openReadModel(reportReading(options));
  const custom = openReadModel(customRoutesReading(options));
  const { db } = readModel;
  const wallClock = (): Instant => instantOfMillis(Date.now());
  const now = async () => (options.pace === 'replay' ? await timeReached(db) : null) ?? wallClock();
  const counts = { requests: 0, failures: 0 };
  const onAnswer = (status: number): void => {
    counts.requests++;
    if (status >= 500) counts.failures++;
  };
  const corsOrigins = options.corsOrigins ?? ['*'];
  let detail = '';
  const context = { db, config, version, now, ...(options.log && { log: options.log }) };
  const { security } = options;
  const closeModels = () => Promise.all([readModel.close(), custom.close()]);
  const app = await createApp({
    ...context,
    logger,
    corsOrigins,
    onAnswer,
    knownRemedy: () => detail,
    ...(security && { security }),
    ...(options.metrics && { metrics: options.metrics }),
    ...(options.freshness && { freshness: options.freshness }),
    ...(options.live && { live: options.live }),
    ...(options.archive && { archive: options.archive }),
    ...(options.operations && { operations: options.operations }),
    ...(options.page && { page: options.page }),
    ...(options.tls && { tls: options.tls }),
    ...(loaded.length > 0 && { customRoutes: { loaded, db: custom.db } }),
  }).catch(async (error: unknown) => {
    await closeModels();
    throw error;
  });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    await closeModels();
    if ((error as { code?: string }).code === 'EADDRINUSE') throw new PortTaken(host, port, error);
    throw error;
  }

  let state: ServiceHealth['state'] = 'running';
  const stopping = new AbortController();
  const looking = findMisconfiguration(db, stopping.signal, (remedy, error) => {
    detail = remedy;
    if (error !== undefined)
      logger.error({ err: error, remedy }, `Postgres cannot be asked until the configuration is changed: ${remedy}`);
  });
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return {
    name: 'report',
    url: urlOf(options.tls ? 'https' : 'http', host, app.server.address()),
    health: () => ({ state: state === 'running' && detail !== '' ? 'waiting' : state, detail, counts: { ...counts } }),
    async stop() {
      if (state === 'stopped') return ended;
      state = 'stopped';
      stopping.abort();
      await looking;
      await app.close();
      await closeModels();
      end();
    },
    ended,
  };
}

/** An address one can open in a browser: "every interface" is not one. */
function urlOf(protocol: string, host: string, address: unknown): string {
  const { port } = address as { port: number };
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `${protocol}://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}
