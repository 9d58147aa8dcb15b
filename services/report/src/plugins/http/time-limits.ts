import type { FastifyInstance } from 'fastify';

/** Of a body, in bytes; routes that take more set their own. */
export const bodyLimit = 1024 * 1024;
/** Milliseconds a client has to send a request. */
export const requestTimeout = 30_000;

/** Milliseconds until a response has to have begun; statements in Postgres end long before. */
const HANDLER_TIMEOUT_MS = 30_000;
/** Responses that are sent for as long as a client reads them. */
const STREAMS = /^\/(data|live)\//;

/** A limit for every route that sets none of its own. Call it before routes are registered. */
export function limitHandlers(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (!STREAMS.test(route.url)) route.handlerTimeout ??= HANDLER_TIMEOUT_MS;
  });
}
