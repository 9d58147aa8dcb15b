import type { FastifyInstance } from 'fastify';
import { Gauge, Histogram, type Registry } from 'prom-client';

/** Seconds, from responses out of memory to the longest a response may take. */
const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Paths without a route share one name, since clients can make up any number of them. */
const NO_ROUTE = 'none';
/** Status of nginx for a client that left before the response was sent. */
const CLIENT_LEFT = 499;

/** Requests of the HTTP API: their number, durations and statuses, by the pattern of the route. */
export function reportInstruments(registry: Registry) {
  const once = <T>(name: string, make: () => T): T => (registry.getSingleMetric(name) as T | undefined) ?? make();
  return {
    seconds: once(
      'crunch_report_request_seconds',
      () =>
        new Histogram({
          name: 'crunch_report_request_seconds',
          help: 'HTTP requests by route, until the whole answer was sent; 499: the client left before',
          labelNames: ['method', 'route', 'status'] as const,
          buckets: SECONDS,
          registers: [registry],
        }),
    ),
    inFlight: once(
      'crunch_report_requests_in_flight',
      () =>
        new Gauge({
          name: 'crunch_report_requests_in_flight',
          help: 'HTTP requests that are being answered, by route',
          labelNames: ['route'] as const,
          registers: [registry],
        }),
    ),
  };
}

/** Measures every request. Call it before anything that may refuse one. */
export function measureRequests(app: FastifyInstance, registry: Registry): void {
  const { seconds, inFlight } = reportInstruments(registry);
  app.addHook('onRequest', async ({ method, routeOptions, is404 }, reply) => {
    const startedAt = performance.now();
    const route = is404 ? NO_ROUTE : (routeOptions.url ?? NO_ROUTE);
    inFlight.inc({ route });
    // Called once for every request, also when the client leaves.
    reply.raw.once('close', () => {
      const status = reply.raw.writableFinished ? reply.raw.statusCode : CLIENT_LEFT;
      inFlight.dec({ route });
      seconds.observe({ method, route, status }, (performance.now() - startedAt) / 1_000);
    });
  });
}
