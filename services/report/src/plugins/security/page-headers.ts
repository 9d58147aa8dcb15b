import { CrunchError } from '@crunch-node/streams/errors';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** Responses are data: opened as a page, nothing in them is run, framed or loaded. */
const NOTHING = { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] };

/** The origins that may frame our pages, as a policy names them. */
const ancestorsOf = (frameOrigins: readonly string[]): string[] =>
  frameOrigins.length === 0 ? ["'none'"] : ["'self'", ...frameOrigins];

/** The part of a page's policy about framing. */
export const frameAncestors = (frameOrigins: readonly string[]): string =>
  `frame-ancestors ${ancestorsOf(frameOrigins).join(' ')}`;

/** An origin that browsers could not compare with a page's own. */
export class BadFrameOrigin extends CrunchError {
  override readonly name = 'BadFrameOrigin';
  override readonly code = 'bad_frame_origin';
  constructor(origin: string) {
    super(
      `expected an origin such as https://ui.example, received ${JSON.stringify(origin)}: write scheme, host and port`,
    );
  }
}

/** @throws {BadFrameOrigin} */
export function frameOrigin(text: string): string {
  const origin = text.replace(/\/+$/, '');
  const isOrigin =
    /^https?:\/\//i.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin.toLowerCase();
  if (!isOrigin) throw new BadFrameOrigin(text);
  return origin.toLowerCase();
}

/** For the pages that explain the API: scripts and styles of our own only. Their renderer sets styles inline. */
export const documentPolicy = (frameOrigins: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    frameAncestors(frameOrigins),
  ].join('; ');

/** Headers by which browsers restrict what a response may do. */
export async function sendPageHeaders(app: FastifyInstance, frameOrigins: readonly string[]): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { ...NOTHING, frameAncestors: ancestorsOf(frameOrigins) },
    },
    // Pages of any origin may read what CORS lets them read.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    // The older header cannot list origins, so it is left out when some may frame.
    xFrameOptions: frameOrigins.length === 0 ? { action: 'deny' } : false,
    // TLS ends at the proxy, which sets this header for its own domain.
    strictTransportSecurity: false,
    xDownloadOptions: false,
    xDnsPrefetchControl: false,
    xPermittedCrossDomainPolicies: false,
    originAgentCluster: false,
  });
}
