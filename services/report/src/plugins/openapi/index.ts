/** The API describes itself: `/openapi.json`, and pages for people. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { documentPolicy } from '../security/page-headers.ts';
import type { TierOf } from '../security/tiers.ts';
import { type Description, describe } from './describe.ts';
import { referenceRoutes } from './redoc-page.ts';

const TITLE = 'crunch-node report API';
const DESCRIPTION = [
  'Models, predictions, scores, snapshots, rankings and rewards of a competition, with Merkle proofs for them.',
  'Times are UTC, written with Z or +00:00, or without a zone in fields of charts.',
  'Missing numbers are null. Unknown parameters are ignored.',
  'A key, where one is required, is sent as a header. HEAD is supported wherever GET is.',
].join('\n');

const TAGS = {
  system: 'health, metadata and this description',
  schema: 'columns and charts for dashboards',
  leaderboard: 'the latest ranking',
  models: 'participants and their models',
  'model scores': 'scores and metrics of models over time',
  predictions: 'predictions of models, with their scores',
  feeds: 'feed records and feeds',
  snapshots: 'aggregates of each model per cycle',
  diversity: 'correlation of models with each other',
  ensembles: 'ensembles and their history',
  signals: 'the newest signals of ensembles',
  live: 'events as they happen, as server-sent events',
  checkpoints: 'rewards and their statuses',
  merkle: 'Merkle proofs of snapshots',
  tournament: 'rounds on demand',
  backfill: 'jobs that fill the archive of feed records',
  data: 'the archive of feed records',
  operations: 'the pipeline, for those who run it',
};

export interface DocumentationOptions {
  readonly version: string;
  readonly tierOf: TierOf;
  /** whose pages may show these in a frame */
  readonly frameOrigins: readonly string[];
  /** the guides are at `/docs`, so this description is at `/docs/api` */
  readonly hasGuides?: boolean;
}

/** Before routes are registered: what comes after is described. */
export async function documentRoutes(
  app: FastifyInstance,
  { version, tierOf, frameOrigins, hasGuides = false }: DocumentationOptions,
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: TITLE, description: DESCRIPTION, version },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    },
    transformObject: (document) => {
      if (!('openapiObject' in document)) throw new TypeError('expected an OpenAPI description');
      return describe(document.openapiObject as Description, tierOf) as typeof document.openapiObject;
    },
  });
  await app.register(swaggerUi, {
    routePrefix: hasGuides ? '/docs/api' : '/docs',
    staticCSP: documentPolicy(frameOrigins),
    theme: { title: TITLE },
    uiConfig: { layout: 'BaseLayout' }, // without a bar to explore other descriptions with
  });
  if (hasGuides) {
    for (const name of ['json', 'yaml'])
      app.get(`/docs/${name}`, { schema: { hide: true } }, (_request, reply) =>
        reply.redirect(`/docs/api/${name}`, 307),
      );
  }
  const schema = {
    tags: ['system'],
    summary: 'This description',
    response: { 200: { type: 'object', additionalProperties: true } },
  };
  app.get('/openapi.json', { schema }, () => app.swagger());
  referenceRoutes(app, frameOrigins);
}
