import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { HttpFault } from '../http/errors.ts';
import { addressOf, isConnectedHere } from './from-here.ts';
import type { SecurityOptions } from './options.ts';

const MINUTE_MS = 60_000;
const RETRY_AFTER_SECONDS = 10;
/** Liveness is exempt: restarting a busy process only adds to its work. */
const LIVENESS = '/healthz';

/** Refuses excess requests: of one address, and of all while the process does not keep up. */
export async function limitLoad(
  app: FastifyInstance,
  { rateLimitPerMinute, maxEventLoopDelayMs }: Pick<SecurityOptions, 'rateLimitPerMinute' | 'maxEventLoopDelayMs'>,
): Promise<void> {
  if (maxEventLoopDelayMs > 0) {
    await app.register(underPressure, {
      maxEventLoopDelay: maxEventLoopDelayMs,
      async pressureHandler(request, reply, _type, value) {
        // without a single sample the delay is not known
        if (request.routeOptions.url === LIVENESS || value === Number.POSITIVE_INFINITY) return;
        reply.header('retry-after', RETRY_AFTER_SECONDS);
        throw new HttpFault(503, 'This node is too busy at the moment, try again in a few seconds');
      },
    });
  }
  if (rateLimitPerMinute > 0) {
    await app.register(rateLimit, { global: false });
    const limit = app.createRateLimit({
      max: rateLimitPerMinute,
      timeWindow: MINUTE_MS,
      keyGenerator: (request) => normalizeIP(addressOf(request)),
    });
    // Here rather than by the plugin's own hooks, which come last and know only routes: unknown paths count too.
    app.addHook('onRequest', async (request, reply) => {
      if (isConnectedHere(request)) return;
      const used = await limit(request);
      if (used.isAllowed || !used.isExceeded) return;
      reply.header('retry-after', used.ttlInSeconds);
      throw new HttpFault(429, `Expected at most ${rateLimitPerMinute} requests per minute from an address, try later`);
    });
  }
}
