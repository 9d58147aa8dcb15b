/** Access, rate limits and audit logging of the API. */

import type { Logger } from '@crunch-node/service';
import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import { EXPOSED_HEADERS } from './exposed-headers.ts';
import { guard } from './guard.ts';
import type { SecurityOptions } from './options.ts';
import { limitLoad } from './overload.ts';
import { sendPageHeaders } from './page-headers.ts';
import { logRequests } from './request-log.ts';

/**
 * Before routes are registered. The order is what a request meets: preflights are answered before a key is required,
 * and every refusal has the headers that let a page of another origin read it.
 */
export async function secure(
  app: FastifyInstance,
  options: SecurityOptions & { readonly corsOrigins: readonly string[] },
  logger: Logger,
): Promise<void> {
  logRequests(app, logger);
  await sendPageHeaders(app, options.frameOrigins ?? []);
  await app.register(cors, {
    origin: options.corsOrigins.includes('*') ? '*' : [...options.corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: [...EXPOSED_HEADERS],
    strictPreflight: false, // an OPTIONS without an origin is treated the same
    maxAge: 600,
  });
  await limitLoad(app, options);
  guard(app, options, logger);
}
