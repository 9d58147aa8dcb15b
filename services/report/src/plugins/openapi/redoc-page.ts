import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { frameAncestors } from '../security/page-headers.ts';
import { type ReferenceDocument, referenceHtml, STYLE } from './redoc-html.ts';

const policyOf = (frameOrigins: readonly string[]): string =>
  [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
    frameAncestors(frameOrigins),
  ].join('; ');

/** `/redoc`: the description for reading and printing. Drawn here, since the well-known page loads its script from elsewhere. */
export function referenceRoutes(app: FastifyInstance, frameOrigins: readonly string[]): void {
  const policy = policyOf(frameOrigins);
  let page: string | undefined;
  app.get('/redoc', { schema: { hide: true } }, async (_request, reply) => {
    page ??= referenceHtml(app.swagger() as unknown as ReferenceDocument);
    return reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(page);
  });
}
