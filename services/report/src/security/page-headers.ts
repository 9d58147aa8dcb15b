import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** Answers are data: whoever opens one as a page gets nothing run, framed or loaded. */
const NOTHING = { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] };

/** For the pages that explain the API: scripts and styles of our own only. Their drawing sets styles inline. */
export const DOCUMENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers that tell browsers what not to do with our answers. */
export async function sendPageHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: NOTHING },
    // Anybody's page may read what CORS lets it read.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    xFrameOptions: { action: 'deny' },
    // TLS ends before us: what it promises is for the proxy to say, for a domain that is its own.
    strictTransportSecurity: false,
    xDownloadOptions: false,
    xDnsPrefetchControl: false,
    xPermittedCrossDomainPolicies: false,
    originAgentCluster: false,
  });
}
