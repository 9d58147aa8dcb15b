import type { Logger } from '@crunch-node/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HttpFault, sendFault } from '../http/errors.ts';
import { countFailedAttempts } from './failed-attempts.ts';
import { addressOf, reasonNotLocal } from './from-here.ts';
import { digestOf, findKey } from './keys.ts';
import type { SecurityOptions } from './options.ts';
import { presentedKey } from './presented-key.ts';
import { patternSegments, routedPath } from './routed-path.ts';
import { defaultTierRules, isWrite, matchesNothing, tiersBy } from './tiers.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** name of the key the request was let through with */
    keyName: string | undefined;
  }
}

const CHALLENGE = 'Bearer realm="crunch-node"';

/**
 * Admits requests by their access tier, before anything of the request is read. Register it behind CORS, which answers
 * preflights by itself and gives refusals the headers without which a browser hides them.
 * @throws {BadPrefix}
 */
export function guard(app: FastifyInstance, options: SecurityOptions, logger: Logger): void {
  const { keys, readAuth, keyInQuery } = options;
  const tierOf = tiersBy(options);
  const attempts = countFailedAttempts();
  app.decorateRequest('keyName', undefined);
  app.addHook('onReady', async () => {
    const paths = app.knownRoutes.map(({ url }) => patternSegments(url));
    for (const prefix of options.adminPrefixes.filter((own) => !defaultTierRules.adminPrefixes.includes(own))) {
      if (matchesNothing(prefix, paths)) logger.warn({ prefix }, 'admin prefix matches no route');
    }
  });

  app.addHook('onRequest', async (request, reply) => {
    const { method, is404 } = request;
    if (keys.length === 0) {
      const reason = isWrite(method) && !is404 ? reasonNotLocal(request) : null;
      return reason === null ? undefined : refuseElsewhere(reply, reason);
    }
    // A path without a route cannot be changed: it is protected, or not, as reading it would be.
    const tier = tierOf(is404 ? 'GET' : method, routedPath(request));
    if (request.routeOptions.config.isPage === true && !isWrite(method)) return;
    if (tier === 'public' || (tier === 'read' && !readAuth)) return;

    const presented = presentedKey(request, { inQuery: keyInQuery });
    if (presented === undefined) return challenge(reply, CHALLENGE);
    mustWait(request, reply);
    const key = findKey(keys, presented);
    if (key === undefined) {
      if (attempts.failed(addressOf(request), digestOf(presented))) {
        logger.warn({ address: addressOf(request) }, 'address throttled after wrong keys');
      }
      return challenge(reply, `${CHALLENGE}, error="invalid_token"`);
    }
    request.keyName = key.name;
    if (tier === 'admin' && key.tier !== 'admin') {
      return sendFault(
        reply.header('cache-control', 'no-store'),
        403,
        'This key may read only, an admin key is required',
      );
    }
  });

  function mustWait(request: FastifyRequest, reply: FastifyReply): void {
    const seconds = attempts.waitSeconds(addressOf(request));
    if (seconds === 0) return;
    reply.header('retry-after', seconds);
    throw new HttpFault(429, `Too many wrong keys from this address, try again in ${seconds} seconds`);
  }
}

const challenge = (reply: FastifyReply, how: string): FastifyReply =>
  sendFault(reply.header('www-authenticate', how).header('cache-control', 'no-store'), 401, 'API key required');

const refuseElsewhere = (reply: FastifyReply, reason: string): FastifyReply =>
  sendFault(
    reply.header('cache-control', 'no-store'),
    403,
    `No API key is configured, so changes are accepted from the same machine only, and this request is not one: ${reason}. Set API_KEY, and send it`,
  );
