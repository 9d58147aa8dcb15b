import { listEnsembles } from '@crunch-node/projections';
import { createLogger } from '@crunch-node/service';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import { closingSignal, connected } from '../command-client.ts';
import { HttpFault } from '../plugins/http/errors.ts';
import { filter, flag, integer, query } from '../plugins/http/query.ts';
import type { RouteContext } from '../route-context.ts';
import { liveLimits } from './limits.ts';
import { createAudience, withEventHeaders } from './serve.ts';
import { rankingFrame, rankings, signalFrame, signalSource } from './sources.ts';

const UNKNOWN = -1;
const lastEventId = {
  ...integer({ absent: UNKNOWN, minimum: UNKNOWN, maximum: Number.MAX_SAFE_INTEGER }),
  schema: { type: 'integer', description: 'for clients that cannot send the header Last-Event-ID: go on behind it' },
};
const events = {
  200: {
    description: 'Server-sent events; the id of each is its sequence in the log',
    content: { 'text/event-stream': { schema: Type.String() } },
  },
};

/** Server-sent events out of the log: they come also while the read model is away. */
export const liveRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, config, log, live, logger }) => {
  const closing = closingSignal(app);
  const audience = log && createAudience(log, { ...liveLimits, ...live }, logger ?? createLogger('silent'), closing);
  const serveRankings = audience?.teller(rankings(db));
  const serveSignals = audience?.teller(signalSource);

  const board = {
    tags: ['live'],
    summary: 'The ranking, and each new one as soon as it is decided',
    querystring: query({ include_ensembles: flag(false, 'with ensembles'), last_event_id: lastEventId }),
    response: events,
  };
  app.get('/live/leaderboard', { schema: board }, async (request, reply) => {
    connected(log);
    if (request.method === 'HEAD') return withEventHeaders(reply).send('');
    const { include_ensembles, last_event_id } = request.query;
    const frameOf = rankingFrame(include_ensembles, config);
    return serveRankings?.(reply, { frameOf, after: afterOf(request, last_event_id) });
  });

  const answers = {
    tags: ['live'],
    summary: 'Signals of an ensemble, as soon as they are published',
    params: Type.Object({ ensemble: Type.String() }),
    querystring: query({ scope_key: filter('of one scope only'), last_event_id: lastEventId }),
    response: events,
  };
  app.get('/live/signals/:ensemble', { schema: answers }, async (request, reply) => {
    connected(log);
    const { ensemble } = request.params;
    if (!(await isKnown(ensemble))) throw new HttpFault(404, `There is no ensemble ${ensemble}`);
    if (request.method === 'HEAD') return withEventHeaders(reply).send('');
    const { scope_key, last_event_id } = request.query;
    const frameOf = signalFrame(ensemble, scope_key);
    return serveSignals?.(reply, { frameOf, after: afterOf(request, last_event_id) });
  });

  const isKnown = async (ensemble: string): Promise<boolean> =>
    config.ensembles?.some(({ name }) => name === ensemble) === true ||
    (await listEnsembles(db)).some(({ name }) => name === ensemble);
};

/** The header takes precedence: it is what a returning client has seen. An id we never gave counts as none. */
function afterOf({ headers }: FastifyRequest, asked: number): number | undefined {
  const given = headers['last-event-id'];
  if (typeof given === 'string' && /^\d{1,15}$/.test(given)) return Number(given);
  return asked === UNKNOWN ? undefined : asked;
}
