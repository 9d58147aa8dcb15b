import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { type ReferenceDocument, referenceHtml, STYLE } from './reference-html.ts';

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/redoc`: the description for reading and printing. Drawn here, since the well-known page loads its script from elsewhere. */
export function referenceRoutes(app: FastifyInstance): void {
  let page: string | undefined;
  app.get('/redoc', { schema: { hide: true } }, async (_request, reply) => {
    page ??= referenceHtml(app.swagger() as unknown as ReferenceDocument);
    return reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(page);
  });
}
