import type { Logger } from '@crunch-node/runtime';
import cors from '@fastify/cors';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyInstance } from 'fastify';
import { handleErrors, sayFault } from './http/errors.ts';
import { handleUnknownPaths } from './http/not-found.ts';
import type { RouteMeans } from './route-means.ts';
import { checkpointCommandRoutes } from './routes/checkpoint-commands.ts';
import { checkpointExportRoutes } from './routes/checkpoint-exports.ts';
import { checkpointRoutes } from './routes/checkpoints.ts';
import { diversityRoutes } from './routes/diversity.ts';
import { ensembleRoutes } from './routes/ensembles.ts';
import { feedRoutes } from './routes/feeds.ts';
import { healthRoutes } from './routes/healthz.ts';
import { infoRoutes } from './routes/info.ts';
import { leaderboardRoutes } from './routes/leaderboard.ts';
import { merkleRoutes } from './routes/merkle.ts';
import { modelScoreRoutes } from './routes/model-scores.ts';
import { modelRoutes } from './routes/models.ts';
import { predictionRoutes } from './routes/predictions.ts';
import { rewardRoutes } from './routes/rewards.ts';
import { schemaRoutes } from './routes/schema.ts';
import { signalRoutes } from './routes/signals.ts';
import { snapshotRoutes } from './routes/snapshots.ts';
import { timingRoutes } from './routes/timing.ts';
import { tournamentRoutes } from './routes/tournament.ts';

/** One plugin per noun. A new endpoint is a file and a line here. */
const routes = [
  healthRoutes,
  infoRoutes,
  schemaRoutes,
  leaderboardRoutes,
  modelRoutes,
  modelScoreRoutes,
  predictionRoutes,
  feedRoutes,
  snapshotRoutes,
  ensembleRoutes,
  signalRoutes,
  checkpointRoutes,
  checkpointCommandRoutes,
  checkpointExportRoutes,
  rewardRoutes,
  merkleRoutes,
  diversityRoutes,
  timingRoutes,
  tournamentRoutes,
];

export interface AppOptions extends RouteMeans {
  readonly logger: Logger;
  /** origins browsers may ask from; `*` is any. Never with credentials. */
  readonly corsOrigins: readonly string[];
  /** called with the status of each answer */
  readonly onAnswer?: (status: number) => void;
}

/** Ids of rounds are people's own texts, percent-encoded in the path. */
const routerOptions = { maxParamLength: 2_000 };

/** The report API, ready to listen or to be asked in process. */
export async function createApp({ logger, corsOrigins, onAnswer, ...means }: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    routerOptions,
    // What does not even reach a route is refused in the same words as the rest.
    frameworkErrors: (error, _request, reply) => sayFault(reply, error.statusCode ?? 400, error.message),
  });
  handleErrors(app, logger);
  handleUnknownPaths(app);
  if (onAnswer) app.addHook('onResponse', async (_request, { statusCode }) => onAnswer(statusCode));
  await app.register(cors, {
    origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    maxAge: 600,
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'crunch-node report API', version: means.version },
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  app.get('/openapi.json', { schema: { tags: ['system'] } }, () => app.swagger());
  for (const plugin of routes) await app.register(plugin, means);
  return app;
}
