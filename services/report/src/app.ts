import type { Logger } from '@crunch-node/service';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { LoadedRoutes } from './custom-routes/load.ts';
import { registerCustomRoutes } from './custom-routes/register.ts';
import { type FreshnessLimits, freshnessLimits, keepFresh } from './freshness/keep-fresh.ts';
import { answerBadMessage } from './http/bad-message.ts';
import { endConnections } from './http/end-connections.ts';
import { handleErrors, sendFault } from './http/errors.ts';
import { measureRequests } from './http/instruments.ts';
import { handleUnknownPaths } from './http/not-found.ts';
import { bodyLimit, limitHandlers, requestTimeout } from './http/time-limits.ts';
import { documentRoutes } from './openapi/index.ts';
import type { RouteContext } from './route-context.ts';
import { backfillRoutes } from './routes/backfill.ts';
import { checkpointCommandRoutes } from './routes/checkpoint-commands.ts';
import { checkpointExportRoutes } from './routes/checkpoint-exports.ts';
import { checkpointRoutes } from './routes/checkpoints.ts';
import { dataRoutes } from './routes/data.ts';
import { diversityRoutes } from './routes/diversity.ts';
import { ensembleRoutes } from './routes/ensembles.ts';
import { explainRoutes } from './routes/explain.ts';
import { failureRoutes } from './routes/failures.ts';
import { faviconRoutes } from './routes/favicon.ts';
import { feedRoutes } from './routes/feeds.ts';
import { healthRoutes } from './routes/healthz.ts';
import { infoRoutes } from './routes/info.ts';
import { leaderboardRoutes } from './routes/leaderboard.ts';
import { liveRoutes } from './routes/live.ts';
import { merkleRoutes } from './routes/merkle.ts';
import { modelScoreRoutes } from './routes/model-scores.ts';
import { modelStatusRoutes } from './routes/model-status.ts';
import { modelRoutes } from './routes/models.ts';
import { predictionRoutes } from './routes/predictions.ts';
import { rewardRoutes } from './routes/rewards.ts';
import { schemaRoutes } from './routes/schema.ts';
import { signalRoutes } from './routes/signals.ts';
import { snapshotRoutes } from './routes/snapshots.ts';
import { timingRoutes } from './routes/timing.ts';
import { tournamentRoutes } from './routes/tournament.ts';
import { secure } from './security/index.ts';
import { defaultSecurity, type SecurityOptions } from './security/options.ts';
import { tiersBy } from './security/tiers.ts';

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
];

export interface AppOptions extends RouteContext {
  readonly logger: Logger;
  /** origins browsers may ask from; `*` is any. Never with credentials. */
  readonly corsOrigins: readonly string[];
  /** default: no keys, so that everything is open and changes are accepted from this machine only */
  readonly security?: SecurityOptions;
  /** default {@link freshnessLimits} */
  readonly freshness?: Partial<FreshnessLimits>;
  /** an operator's own, and the read model as they see it */
  readonly customRoutes?: { readonly loaded: readonly LoadedRoutes[]; readonly db: RouteContext['db'] };
  /** where requests are counted; default: nowhere */
  readonly metrics?: Registry;
  /** called with the status of each answer */
  readonly onAnswer?: (status: number) => void;
}

/** Ids of rounds are people's own texts, percent-encoded in the path. */
const routerOptions = { maxParamLength: 2_000 };

/** The report API, ready to listen or to be asked in process. @throws {BadPrefix} */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const {
    logger,
    corsOrigins,
    onAnswer,
    freshness,
    security = defaultSecurity,
    customRoutes,
    metrics,
    ...context
  } = options;
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: true, // where GET is, HEAD is
    forceCloseConnections: 'idle',
    routerOptions,
    bodyLimit,
    requestTimeout,
    trustProxy: security.trustedProxies.length === 0 ? false : [...security.trustedProxies],
    // What does not even reach a route is refused in the same words as the rest.
    // Its own ones quote the whole address, and with it the key that may stand in it.
    frameworkErrors: ({ statusCode }, _request, reply) =>
      statusCode === 414
        ? sendFault(reply, 414, 'a part of the path is too long')
        : sendFault(reply, 400, 'expected a path of percent-encoded UTF-8'),
    clientErrorHandler: answerBadMessage,
  });
  if (metrics) measureRequests(app, metrics);
  handleErrors(app, logger);
  handleUnknownPaths(app);
  limitHandlers(app);
  endConnections(app);
  if (onAnswer) app.addHook('onResponse', async (_request, { statusCode }) => onAnswer(statusCode));
  await secure(app, { ...security, corsOrigins }, logger);
  await documentRoutes(app, {
    version: context.version,
    tierOf: tiersBy(security),
    frameOrigins: security.frameOrigins ?? [],
  });
  keepFresh(app, { ...context, ...freshnessLimits, ...freshness });
  for (const plugin of routes) await app.register(plugin, { ...context, logger });
  if (customRoutes) {
    const { config, version, now } = context;
    await registerCustomRoutes(app, customRoutes.loaded, { db: customRoutes.db, config, version, now });
  }
  return app;
}
