import type { Logger } from '@crunch-node/service';
import type { FastifyInstance } from 'fastify';
import { addressOf } from './from-here.ts';
import { urlWithoutKey } from './presented-key.ts';
import { isWrite } from './tiers.ts';

const REFUSED: ReadonlySet<number> = new Set([401, 403, 429]);

/** A line per request with the name of its key, never the key: at `info` what changed something or was refused. */
export function logRequests(app: FastifyInstance, logger: Logger): void {
  app.addHook('onResponse', async (request, { statusCode, elapsedTime }) => {
    const level = REFUSED.has(statusCode) || (isWrite(request.method) && !request.is404) ? 'info' : 'debug';
    if (!logger.isLevelEnabled(level)) return;
    const { method, keyName } = request;
    logger[level](
      {
        method,
        url: urlWithoutKey(request.url),
        status: statusCode,
        ms: Math.round(elapsedTime * 10) / 10,
        address: addressOf(request),
        ...(keyName !== undefined && { key: keyName }),
      },
      'request',
    );
  });
}
