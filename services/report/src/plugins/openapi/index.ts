/** The API describes itself: `/openapi.json`, and pages for people. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { documentPolicy } from '../security/page-headers.ts';
import type { TierOf } from '../security/tiers.ts';
import { type Description, describe } from './describe.ts';
import { referenceRoutes } from './reference-page.ts';

const TITLE = 'crunch-node report API';
const DESCRIPTION = [
  'What a competition knows: models, predictions, scores, snapshots, rankings, rewards and the evidence for them.',
  'Times are UTC. Spelt with Z or an offset they say so; fields of charts leave the zone out.',
  'Numbers that are not there are null. Parameters that are not known are ignored.',
  'Where a key is needed it is sent as a header. HEAD is answered wherever GET is.',
].join('\n');

const TAGS = {
  system: 'how it is, and what it is',
  schema: 'what to draw',
  leaderboard: 'the latest ranking',
  models: 'who takes part',
  'model scores': 'what models were worth over time',
  predictions: 'what models predicted, and how right it was',
  feeds: 'what models see',
  snapshots: 'sums of each cycle',
  diversity: 'how models differ',
  ensembles: 'models made of models',
  signals: 'the newest signals of ensembles',
  live: 'events as they happen, for as long as somebody listens',
  checkpoints: 'rewards, and the steps to their payment',
  merkle: 'evidence that nothing was changed',
  tournament: 'rounds on demand',
  backfill: 'jobs that fill the archive of feed records',
  data: 'the archive of feed records',
};

export interface DocumentationOptions {
  readonly version: string;
  readonly tierOf: TierOf;
  /** whose pages may show these in a frame */
  readonly frameOrigins: readonly string[];
}

/** Before routes are registered: what comes after is described. */
export async function documentRoutes(
  app: FastifyInstance,
  { version, tierOf, frameOrigins }: DocumentationOptions,
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
    routePrefix: '/docs',
    staticCSP: documentPolicy(frameOrigins),
    theme: { title: TITLE },
    uiConfig: { layout: 'BaseLayout' }, // without a bar to explore other descriptions with
  });
  const schema = {
    tags: ['system'],
    summary: 'This description',
    response: { 200: { type: 'object', additionalProperties: true } },
  };
  app.get('/openapi.json', { schema }, () => app.swagger());
  referenceRoutes(app, frameOrigins);
}
