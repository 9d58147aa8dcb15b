import type { Logger } from '@crunch-node/service';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { dataRoutes } from './archive/routes.ts';
import { backfillRoutes } from './backfills/routes.ts';
import { checkpointCommandRoutes } from './checkpoints/commands.ts';
import { checkpointExportRoutes } from './checkpoints/exports.ts';
import { rewardRoutes } from './checkpoints/rewards.ts';
import { checkpointRoutes } from './checkpoints/routes.ts';
import { schemaRoutes } from './dashboard/routes.ts';
import { diversityRoutes } from './diversity/routes.ts';
import { ensembleRoutes } from './ensembles/routes.ts';
import { explainRoutes } from './explain/routes.ts';
import { feedRoutes } from './feeds/routes.ts';
import { leaderboardRoutes } from './leaderboards/routes.ts';
import { liveRoutes } from './live/routes.ts';
import { merkleRoutes } from './merkle/routes.ts';
import { failureRoutes } from './models/failures.ts';
import { modelRoutes } from './models/routes.ts';
import { modelScoreRoutes } from './models/scores.ts';
import { modelStatusRoutes } from './models/status.ts';
import { operationsRoutes } from './operations/routes.ts';
import type { LoadedRoutes } from './plugins/custom-routes/load.ts';
import { registerCustomRoutes } from './plugins/custom-routes/register.ts';
import { type FreshnessLimits, freshnessLimits, keepFresh } from './plugins/freshness/keep-fresh.ts';
import { answerBadMessage } from './plugins/http/bad-message.ts';
import { endConnections } from './plugins/http/end-connections.ts';
import { handleErrors, sendFault } from './plugins/http/errors.ts';
import { measureRequests } from './plugins/http/instruments.ts';
import { bodyLimit, limitHandlers, requestTimeout } from './plugins/http/time-limits.ts';
import { handleUnknownPaths } from './plugins/http/unknown-paths.ts';
import { documentRoutes } from './plugins/openapi/index.ts';
import { type PageFolders, servePage } from './plugins/page/serve-page.ts';
import { secure } from './plugins/security/index.ts';
import { defaultSecurity, type SecurityOptions } from './plugins/security/options.ts';
import { tiersBy } from './plugins/security/tiers.ts';
import { predictionRoutes } from './predictions/routes.ts';
import type { RouteContext } from './route-context.ts';
import { signalRoutes } from './signals/routes.ts';
import { snapshotRoutes } from './snapshots/routes.ts';
import { faviconRoutes } from './system/favicon.ts';
import { healthRoutes } from './system/healthz.ts';
import { infoRoutes } from './system/info.ts';
import { timingRoutes } from './timing/routes.ts';
import { tournamentRoutes } from './tournament/routes.ts';

/** One plugin per noun. A new endpoint is a file and a line here. */
const routes = [
  faviconRoutes,
  healthRoutes,
  infoRoutes,
  schemaRoutes,
  leaderboardRoutes,
  modelRoutes,
  modelScoreRoutes,
  modelStatusRoutes,
  predictionRoutes,
  explainRoutes,
  failureRoutes,
  feedRoutes,
  snapshotRoutes,
  ensembleRoutes,
  signalRoutes,
  liveRoutes,
  checkpointRoutes,
  checkpointCommandRoutes,
  checkpointExportRoutes,
  rewardRoutes,
  merkleRoutes,
  diversityRoutes,
  timingRoutes,
  tournamentRoutes,
  backfillRoutes,
  dataRoutes,
  operationsRoutes,
];

export interface AppOptions extends RouteContext {
  readonly logger: Logger;
  /** origins whose pages may call the API; `*` is any. Never with credentials. */
  readonly corsOrigins: readonly string[];
  /** default: no keys, so that everything is open and changes are accepted from this machine only */
  readonly security?: SecurityOptions;
  /** default {@link freshnessLimits} */
  readonly freshness?: Partial<FreshnessLimits>;
  /** an operator's own, and the read model as they see it */
  readonly customRoutes?: { readonly loaded: readonly LoadedRoutes[]; readonly db: RouteContext['db'] };
  /** where requests are counted; default: nowhere */
  readonly metrics?: Registry;
  /** the change of the configuration without which Postgres cannot be asked, as far as it is known; else empty */
  readonly knownRemedy?: () => string;
  /** what is built of the web page and the documentation; default: neither is served */
  readonly page?: PageFolders;
  /** PEM; default: plain HTTP */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** called with the status of each answer */
  readonly onAnswer?: (status: number) => void;
}

/** Ids of rounds are people's own texts, percent-encoded in the path. */
const routerOptions = { maxParamLength: 2_000 };

/** The report API, ready to listen or to be called in process. @throws {BadPrefix} */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const {
    logger,
    corsOrigins,
    onAnswer,
    freshness,
    security = defaultSecurity,
    customRoutes,
    metrics,
    knownRemedy,
    page = {},
    tls,
    ...context
  } = options;
  const app = Fastify({
    // The types have a server of another class for each protocol; routes see no difference.
    ...((tls && { https: tls }) as object),
    logger: false,
    exposeHeadRoutes: true, // where GET is, HEAD is
    forceCloseConnections: 'idle',
    routerOptions,
    bodyLimit,
    requestTimeout,
    trustProxy: security.trustedProxies.length === 0 ? false : [...security.trustedProxies],
    // Requests that do not reach a route are refused in the same form as the rest. The texts of Fastify quote the whole
    // address, and with it the key that may be in it.
    frameworkErrors: ({ statusCode }, _request, reply) =>
      statusCode === 414
        ? sendFault(reply, 414, 'a part of the path is too long')
        : sendFault(reply, 400, 'expected a path of percent-encoded UTF-8'),
    clientErrorHandler: answerBadMessage,
  });
  if (metrics) measureRequests(app, metrics);
  handleErrors(app, logger, knownRemedy);
  handleUnknownPaths(app);
  limitHandlers(app);
  endConnections(app);
  if (onAnswer) app.addHook('onResponse', async (_request, { statusCode }) => onAnswer(statusCode));
  await secure(app, { ...security, corsOrigins }, logger);
  await documentRoutes(app, {
    version: context.version,
    tierOf: tiersBy(security),
    frameOrigins: security.frameOrigins ?? [],
    hasGuides: page.docs !== undefined,
  });
  keepFresh(app, { ...context, ...freshnessLimits, ...freshness });
  for (const plugin of routes) await app.register(plugin, { ...context, logger });
  if (customRoutes) {
    const { config, version, now } = context;
    await registerCustomRoutes(app, customRoutes.loaded, { db: customRoutes.db, config, version, now });
  }
  await servePage(app, page, security.frameOrigins ?? []);
  return app;
}
